#pragma once
/// \file
/// Comparing the detections of one image: as sets, with masks and keypoints.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/detector.h"

namespace TV2ONNX_API tv2onnx {

/// How far apart two detections may be and still count as equal.
struct Tolerance {
  double box = 0.02;  ///< pixels, worst of the four coordinates
  double score = 1e-4;
  double mask = 1e-3;            ///< worst pixel's probability
  double keypoint = 0.05;        ///< pixels, worst of both coordinates of all keypoints
  double keypoint_score = 1e-3;  ///< worst of all keypoints
};

/// What decides in the model whether a detection exists. What is not known explains nothing.
struct DetectionRules {
  std::optional<double> score_threshold;      ///< box_score_thresh
  std::optional<double> nms_threshold;        ///< box_nms_thresh
  std::optional<std::size_t> max_detections;  ///< box_detections_per_img
  /// Height and width of what the network sees, as multiples of the image's.
  std::optional<std::array<double, 2>> scale = {};
};

/// Why a detection may be in one list and not in the other, or a part of it be different, although
/// both are right.
enum class Flip {
  kNone,            ///< nothing explains it
  kScoreThreshold,  ///< its score is within the tolerance of the threshold
  kLimit,           ///< the other list is full, and its last score is not lower
  kOverlap,         ///< a box that suppresses it overlaps it by just about the NMS threshold, or
                    ///< is itself there because of a flip
  kTie,             ///< it and another box of equal score suppress each other
  kPrecision,       ///< float32 and float64 of PyTorch itself disagree about it
  kProposal,        ///< its proposal stands at a limit of the proposal network
  kPasteBox,        ///< the box that a mask is pasted into was rounded to other whole numbers
  kKeypointTie,     ///< two places of a keypoint's heatmap have the same score
  kHeatmapSize,     ///< the heatmap of a keypoint was enlarged to another whole number of pixels
};
std::string_view flip_text(Flip flip);

/// A detection that is in one list only.
struct Unmatched {
  Detection detection;
  Flip flip = Flip::kNone;
};

/// How far the two detections of a pair are apart.
struct Difference {
  double box = 0;  ///< pixels, worst coordinate
  double score = 0;
  double mask = 0;            ///< worst pixel's probability; 0 without masks
  double keypoint = 0;        ///< pixels, worst coordinate; 0 without keypoints
  double keypoint_score = 0;  ///< likewise
};

/// The same object in both lists, but further apart than allowed. Without the masks.
struct DifferentPair {
  Detection expected;
  Detection found;
  Difference difference;
};

/// A mask or a keypoint of a pair that differs for a good reason. Without the masks.
struct PartFlip {
  Detection expected;
  Detection found;
  Flip flip = Flip::kNone;
  std::optional<std::size_t> keypoint;  ///< its index; absent: the mask
  double difference = 0;                ///< pixels or probability
};

/// Two sets of detections of one image, compared.
struct DetectionComparison {
  std::size_t expected = 0;
  std::size_t found = 0;
  std::size_t matched = 0;    ///< pairs within `allowed`
  std::size_t masks = 0;      ///< pairs whose masks were compared
  std::size_t keypoints = 0;  ///< keypoints of pairs that were compared
  Difference worst;           ///< over all pairs, also the different ones, but without part_flips
  Tolerance allowed;
  std::vector<DifferentPair> different;
  std::vector<Unmatched> missing;  ///< expected but not found
  std::vector<Unmatched> extra;    ///< found but not expected
  std::vector<PartFlip> part_flips;

  std::size_t flips() const;           ///< missing and extra ones that are explained, and masks
  std::size_t keypoint_flips() const;  ///< keypoints among part_flips
  bool equal() const;                  ///< nothing different, nothing missing or extra but flips
  std::string reason() const;          ///< the first thing that is wrong, one line; "" if equal()
};

/// What PyTorch itself says about the rounding in its detections of an image. Either may be null:
/// nothing is known then.
struct RoundingEvidence {
  const Detections* precise = nullptr;  ///< what it finds in float64
  const Detections* tied = nullptr;     ///< what it finds or not, as a tie among proposals decides
};

/// Compares two sets of detections. The order of neither matters.
///
/// Two detections of the same label that agree within the tolerance are a pair; of several
/// possible partners the nearest one (greedily, best pair first, where distance is the larger of
/// box and score difference in units of the tolerance). What is left is a flip if one of Flip's
/// reasons holds, else a different pair if IoU is at least 0.5, else missing or extra.
///
/// Masks and keypoints of a pair are compared if both detections have them. Probabilities over the
/// box are compared as they are; if one mask is pasted, the other one is pasted into its own box
/// first. A pair whose parts are too far apart is a different pair.
///
/// What is known in float64 widens the tolerance to three times the distance of `expected` from it,
/// where that is more.
DetectionComparison compare(const Detections& expected, const Detections& found,
                            const Tolerance& tolerance, const DetectionRules& rules = {},
                            const RoundingEvidence& evidence = {});

/// Intersection over union; 0 for boxes without area.
double box_iou(const std::array<float, 4>& a, const std::array<float, 4>& b);

}  // namespace TV2ONNX_API tv2onnx
