#pragma once
/// \file
/// Is an exported detector equal to PyTorch? Recorded references, comparison of detections as
/// sets and of their masks and keypoints, and the report of a whole verification.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/tensor.h"

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
struct Doubts {
  const Detections* precise = nullptr;    ///< what it finds in float64
  const Detections* unsettled = nullptr;  ///< what comes and goes with a tie among proposals
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
                            const Doubts& doubts = {});

/// Intersection over union; 0 for boxes without area.
double box_iou(const std::array<float, 4>& a, const std::array<float, 4>& b);

/// What a detector gave for one image of a case.
struct ReferenceImage {
  Detections detections;
  std::optional<Detections> precise = {};    ///< the same in float64, if recorded
  std::optional<Detections> unsettled = {};  ///< what hangs on a tie among proposals, if recorded

  Doubts doubts() const {
    return {precise ? &*precise : nullptr, unsettled ? &*unsettled : nullptr};
  }
};

/// Images of one size that go through the model together.
struct ReferenceCase {
  std::string name;
  Tensor input;  ///< uint8 [n, height, width, 3] RGB, or float32 [n, 3, height, width]
  std::vector<ReferenceImage> images;
  std::string skipped;  ///< why the reference has no results for the case, or ""
  std::string failure;  ///< the reference itself failed on the case, with this message, or ""
};

/// Images with the results that are taken for right.
struct Reference {
  std::string source;  ///< the file
  std::vector<ReferenceCase> cases;
  std::map<std::string, std::string> metadata;  ///< "torchvision", "settings" (JSON), ...
};

/// What kind of file a reference is.
enum class ReferenceKind { kRecorded, kOnnx, kCheckpoint };

/// Found from the content. \throws Error C001.. as open_checkpoint.
ReferenceKind reference_kind(const std::filesystem::path& path);

/// Reads a file of scripts/record_reference.py: for every case `CASE/input`, and for image K of it
/// `CASE/K/boxes` float32 [m,4], `CASE/K/labels` int64 [m], `CASE/K/scores` float32 [m], optionally
/// the same with `64` appended in float64, and of R-CNNs `CASE/K/unsettled/boxes` and so on, what
/// their proposals at a limit become. Of models that have them also `CASE/K/masks` float32
/// [m,s,s], probabilities over the box, or `CASE/K/keypoints` float32 [m,k,3] and
/// `CASE/K/keypoints_scores` float32 [m,k], with the same suffix.
/// \throws Error V001 (no reference), V002 (arrays missing or of wrong shape), C001.. (container).
Reference read_reference(const std::filesystem::path& path);

/// Images without results.
struct InputCase {
  std::string name;
  Tensor input;  ///< as in ReferenceCase
};

struct CaseOptions {
  bool quick = false;                  ///< three small sizes instead of eight up to 1080x1920
  std::optional<ImageSize> size = {};  ///< this size only, for files that take no other
  std::vector<Tensor> photos =
      {};  ///< uint8 [1,h,w,3] RGB, scaled to the sizes; empty: drawn scenes
};

/// Scenes at the sizes that matter (375x500, 427x640 and 375x1242 among them), a blank image,
/// noise, a float image of the wrong range, and batches of 2 and 3. Deterministic.
std::vector<InputCase> standard_cases(const CaseOptions& options);

/// Runs another detector on the cases. What fails there is noted in the case.
Reference reference_from(const Detector& detector, const std::vector<InputCase>& cases);

/// How PyTorch is run on a checkpoint.
struct RecordOptions {
  std::string python;               ///< interpreter; empty: $TV2ONNX_PYTHON, else python3
  std::filesystem::path script;     ///< record_reference.py
  std::string builder;              ///< torchvision's builder, for state dicts
  std::string settings;             ///< JSON of the model's settings, for state dicts
  std::vector<std::string> images;  ///< photos; empty: drawn scenes
  bool quick = false;               ///< fewer sizes
  bool trust = false;               ///< whole modules: loading one runs code of the file
  bool precise = false;             ///< record float64 results too
  /// Gets what the script says while it works, line by line.
  std::function<void(std::string_view line)> log;
};

/// Records a reference from a checkpoint in a child process. No file stays behind, whatever
/// happens.
/// \throws Error V003 (no Python with torchvision), V004 (PyTorch cannot run the checkpoint),
/// V005 (a whole module without `trust`).
Reference record_reference(const std::filesystem::path& checkpoint, const RecordOptions& options);

struct VerifyOptions {
  Tolerance tolerance;
  /// Share of all detections, and of all keypoints, that flips may have.
  double max_flips = 0.005;
  /// Called before each case with its name.
  std::function<void(const std::string& name, std::size_t index, std::size_t count)> progress;
};

/// One image of a case.
struct ImageResult {
  std::string case_name;
  std::size_t image = 0;  ///< index in the batch
  std::size_t batch = 1;
  ImageSize size{};
  std::optional<ImageSize> resized;            ///< what the model resizes it to, if it says
  std::optional<ImageSize> reference_resized;  ///< the reference's, where it is another
  std::string skipped;                         ///< why there was nothing to compare, or ""
  std::string failure;  ///< message of the runtime (or the reference's) if the run failed, or ""
  DetectionComparison comparison;

  bool equal() const { return failure.empty() && comparison.equal(); }
};

struct VerifyReport {
  std::vector<ImageResult> images;
  std::vector<std::string> notes;  ///< what makes model and reference hard to compare
  std::size_t expected = 0;
  std::size_t found = 0;
  std::size_t matched = 0;
  std::size_t flips = 0;      ///< of detections and masks
  std::size_t masks = 0;      ///< compared
  std::size_t keypoints = 0;  ///< compared
  std::size_t keypoint_flips = 0;
  Difference worst;
  std::string reason;  ///< the first thing that is wrong; "" if model and reference are equal

  bool equal() const { return reason.empty(); }
};

/// Runs the detector on every case of the reference and compares. A run that fails is a result,
/// and the other cases go on. \throws Error only where nothing can be run at all.
VerifyReport verify(const Detector& detector, const Reference& reference,
                    const VerifyOptions& options = {});

}  // namespace TV2ONNX_API tv2onnx
