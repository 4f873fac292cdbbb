#pragma once
/// \file
/// From a checkpoint to an ONNX file, in one call.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/graph.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/zoo.h"

namespace TV2ONNX_API tv2onnx {

/// A backbone as an ONNX file of its own, for detectors whose backbone is not torchvision's:
/// docs/backbones.md.
struct BackboneFile {
  std::filesystem::path path = {};
  /// The file, if it is in memory; must outlive the export. `path` then stands for it in errors.
  std::span<const std::byte> bytes = {};
  std::vector<std::int64_t> strides = {};  ///< of its maps, if its metadata do not say them
  /// Shapes of its outputs for images of a shape, for what its metadata do not say: see
  /// run_backbone(). Empty: files without metadata are refused.
  std::function<std::vector<Shape>(const Shape& images)> measure = {};
};

/// The numbers of convolutions and matrix products. But for kHalf they are computed with as
/// float32: the runtime converts stored weights while it loads the file.
enum class Precision {
  kFloat32,
  kHalfWeights,  ///< weights stored as float16: half the size
  kInt8Weights,  ///< weights stored as int8 with one scale for each output channel: a quarter
  kHalf,         ///< computed in float16: half the size, for processors that do that faster
};
inline constexpr ModeNames<Precision, 4> kPrecisions{{{"float32", Precision::kFloat32},
                                                      {"fp16-weights", Precision::kHalfWeights},
                                                      {"int8-weights", Precision::kInt8Weights},
                                                      {"fp16", Precision::kHalf}}};

struct ExportOptions {
  std::string arch = "auto";  ///< a name of models(), or "auto"
  /// Official weights that the file holds, as torchvision calls them ("COCO_V1"). Empty: as the
  /// file's name says.
  std::string weights = {};
  std::optional<int> opset = {};  ///< nothing: kDefaultOpset, or the backbone's
  /// Exports a whole module whose modules are not torchvision's as if they were: what they do
  /// otherwise is lost, and the file says so.
  bool assume_torchvision = false;
  BuildOptions build = {};
  std::optional<BackboneFile> backbone = {};  ///< of detectors, instead of the checkpoint's own
  /// Values of the model's options with their origin, applied in order after the checkpoint's own.
  struct Override {
    std::string name;
    Setting value;
    std::string origin;  ///< "command line", "config.json"
  };
  std::vector<Override> overrides = {};
  /// Of detectors, index 0 is the background. Empty: as the checkpoint says, if it does.
  std::vector<std::string> class_names = {};
  Precision precision = Precision::kFloat32;
  WriteOptions write = {};
  CallControl control = {};
};

struct ExportReport {
  Recognition guess;  ///< what the checkpoint looks like, also if the architecture was given
  std::string arch;
  std::string output;  ///< path; "" in memory
  int opset = kDefaultOpset;
  bool one_size = false;  ///< the input's height and width are fixed
  std::size_t nodes = 0;
  std::size_t weights_used = 0;
  std::size_t weights_total = 0;
  /// Tensors whose place the backbone's file takes, and those of them that the file has under
  /// their names, with the same numbers.
  std::size_t weights_replaced = 0;
  std::size_t weights_compared = 0;
  Task task = Task::kDetection;
  std::int64_t classes = 0;  ///< of detectors, with background
  /// What a file that is no detector takes and gives, one line each.
  std::string preparation;
  std::string answer;
  std::vector<std::string> notes;  ///< what the file cannot tell, and what was assumed
  /// Modules that are not torchvision's, with ExportOptions::assume_torchvision.
  std::vector<std::string> warnings;
  /// "NODE: reason" for each place where a layer was not folded into another one.
  std::vector<std::string> not_folded;
  struct StatedSetting {
    std::string name;
    std::string value;  ///< as JSON
    std::string origin;
  };
  std::vector<StatedSetting> settings;  ///< those that are not defaults
  /// Sizes and thresholds of a state dict, which stores none, that are defaults.
  std::vector<StatedSetting> assumed;
  /// Values beside the weights that are called like settings and were not used; `origin` is where.
  std::vector<StatedSetting> not_used;
  WriteReport written;
  double seconds = 0;  ///< what it took, without opening the checkpoint
};

/// Converts a checkpoint to an ONNX file.
/// \throws Error W001 (architecture unknown), W002 (settings and weights contradict), W003
/// (missing, unused or mis-shaped tensors), W004 (another architecture than asked for), W005
/// (modules of a whole module that are not torchvision's), W006 (weights that are not finite),
/// W007 (the backbone's file), U001, U002 (options), O003, O004 (output), X003 (cancelled).
ExportReport export_onnx(const Checkpoint& checkpoint, const std::filesystem::path& path,
                         const ExportOptions& options);

std::string to_json(const ExportReport& report);

/// A report and the model that it is about.
struct ExportedModel {
  ExportReport report;
  std::vector<std::byte> bytes;
};

/// The same in memory: the bytes that the file would have. \throws Error as export_onnx;
/// O003 if the model needs external data.
ExportedModel export_to_memory(const Checkpoint& checkpoint, const ExportOptions& options);

}  // namespace TV2ONNX_API tv2onnx
