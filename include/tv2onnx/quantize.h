#pragma once
/// \file
/// Detectors, classifiers and segmentation models in 8 bits: calibrated on photos, measured against
/// the file that they were made from. docs/quantize.md says what is quantised and what that costs.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/average_precision.h"
#include "tv2onnx/export.h"
#include "tv2onnx/image.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/task.h"

namespace TV2ONNX_API tv2onnx {

/// Which layers become 8-bit ones. Nothing behind the heads of a detector ever does.
enum class Recipe {
  kAuto,  ///< kAll, but convolutions of a backbone only if none is depthwise and it is no
          ///< transformer
  kHead,  ///< fully connected layers, of detectors those of the box head: the safest
  kAll,   ///< all convolutions too, but for the last ones of the heads
};
inline constexpr ModeNames<Recipe, 3> kRecipes{
    {{"auto", Recipe::kAuto}, {"head", Recipe::kHead}, {"all", Recipe::kAll}}};

/// Fewer photos than this say nothing.
inline constexpr std::size_t kFewestPhotos = 4;

struct QuantizeOptions {
  Recipe recipe = Recipe::kAuto;
  /// 8, or 7 for processors that add up two products in 16 bits, where larger weights overflow.
  /// Nothing: as this processor needs it.
  std::optional<int> weight_bits = {};
  double fewest_kept = 0.97;  ///< share of confident detections that has to remain
  ImageOptions image = {.ignore_exif = true};
  /// Of calibration and measurement. More threads may give other bytes.
  SessionOptions session = {.library = {}, .threads = 1};
  WriteOptions write = {};
  /// COCO's of the photos, of detectors: average precision on those that are not calibrated on. "":
  /// is not measured.
  std::filesystem::path annotations = {};
  bool explain = false;      ///< fills QuantizeReport::costs
  CallControl control = {};  ///< told each photo
};

/// How far a convolution in 8 bits is from the original: signal to noise in dB.
struct LayerCost {
  std::string layer;
  double own = 0;    ///< what it adds itself: against the original layer on the same input
  double total = 0;  ///< with all before it: against the original file
};

struct QuantizeReport {
  std::string model;
  std::string output;
  std::size_t convolutions = 0;  ///< that are 8-bit ones now
  std::size_t layers = 0;        ///< likewise, fully connected
  int weight_bits = 8;
  std::size_t calibrated = 0;  ///< photos
  std::size_t judged = 0;      ///< other photos, of which the rest speaks
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  double speed = 0;  ///< times as fast as the original
  /// Detections of the original with a score of at least 0.5; photos of a classifier; pixels.
  std::size_t confident = 0;
  /// Of them, found again: the same label and IoU at least 0.9 (masks and keypoints alike); the
  /// same best class; the same class.
  std::size_t kept = 0;
  std::size_t added = 0;  ///< of detectors: confident ones that are none of the original
  Task task = Task::kDetection;
  std::string things;  ///< what was counted: "photos (the same best class)"
  std::optional<CocoDifference> precision = {};  ///< AP before and after
  std::vector<LayerCost> costs = {};             ///< in the order of the graph
  double fewest_kept = 0.97;                     ///< as the options say
  double load = 0;                               ///< processes that were running before
  std::string machine;  ///< "ONNX Runtime 1.22.0, 1 thread; 16 cores, load 0.4"

  double share_kept() const;
  /// Why the file is not worth having: not faster, too little kept or too much new; "" if it is.
  std::string fault() const;
};

/// Makes an 8-bit file of one that this library exported, or of a detector of torch.onnx.export:
/// convolutions with ranges that are
/// measured on every second photo, fully connected layers by the ranges of each run. Then runs both
/// files on the other photos. The file is written also if it turns out not to be worth it. The same
/// photos give the same bytes.
/// \param path of the model \param files photos
/// \throws Error R007 (not a file of these tasks, or one without such layers), R006 (a detector
/// that takes no images of a photo's size), U002 (too few photos, blank ones, or photos without
/// confident detections; an opset below 13, of Recipe::kHead below 11), U003 (the file is quantised
/// already, or is the output), O003, O004 (output), and as read_image and Session.
QuantizeReport quantize(const std::filesystem::path& path,
                        const std::vector<std::filesystem::path>& files,
                        const std::filesystem::path& output, const QuantizeOptions& options = {});

/// Writes a copy of any file whose weights are stored in another precision. Returns what it wrote,
/// and in `note` what stayed as it was, or "".
/// \throws Error U003 (as above), R007 (no weights to store), C001, O001, O002 (model), O003, O004.
WriteReport convert_weights(const std::filesystem::path& path, Precision precision,
                            const std::filesystem::path& output, const WriteOptions& options,
                            std::string& note);

std::string to_json(const QuantizeReport& report);

}  // namespace TV2ONNX_API tv2onnx
