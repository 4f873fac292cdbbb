#pragma once
/// \file
/// From a checkpoint to an ONNX file, in one call.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/graph.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

struct ExportOptions {
  std::string arch = "auto";  ///< a name of models(), or "auto"
  /// Official weights that the file holds, as torchvision calls them ("COCO_V1"). Empty: as the
  /// file's name says.
  std::string weights = {};
  int opset = kDefaultOpset;
  BuildOptions build = {};
  /// Values of the model's options with their origin, applied in order after the checkpoint's own.
  struct Override {
    std::string name;
    Setting value;
    std::string origin;  ///< "command line", "config.json"
  };
  std::vector<Override> overrides = {};
  /// Index 0 is the background. Empty: as the checkpoint says, if it does.
  std::vector<std::string> class_names = {};
  WriteOptions write = {};
};

struct ExportReport {
  ArchGuess guess;  ///< what the checkpoint looks like, also if the architecture was given
  std::string arch;
  std::size_t nodes = 0;
  std::size_t weights_used = 0;
  std::size_t weights_total = 0;
  std::int64_t classes = 0;
  std::vector<std::string> notes;  ///< what the file cannot tell, and what was assumed
  struct StatedSetting {
    std::string name;
    std::string value;  ///< as JSON
    std::string origin;
  };
  std::vector<StatedSetting> settings;  ///< those that are not defaults
  /// Sizes and thresholds of a state dict, which stores none, that are defaults.
  std::vector<StatedSetting> assumed;
  WriteReport written;
};

/// Builds the graph of a checkpoint into the empty `graph`, with metadata, and runs the passes.
/// The report lacks only what writing adds.
/// \throws Error W001 (architecture unknown), W002 (settings and weights contradict), W003
/// (missing, unused or mis-shaped tensors), W004 (another architecture than asked for), W005
/// (layers of a whole module that are not torchvision's), U001, U002.
ExportReport build_graph(const Checkpoint& checkpoint, const ExportOptions& options, Graph& graph);

/// build_graph and write_onnx. \throws Error as these.
ExportReport export_onnx(const Checkpoint& checkpoint, const std::filesystem::path& path,
                         const ExportOptions& options);

}  // namespace tv2onnx
