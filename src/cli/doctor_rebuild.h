#pragma once
// tv2onnx doctor MODEL.onnx --rebuild OUT.onnx

#include <string>
#include <vector>

#include "cli/export_options.h"

namespace tv2onnx::cli {

struct RebuildFlags {
  std::string output;
  ExportFlags exporting;
  bool unproven = false;
};

/// Adds --rebuild and the options of the file to write, which need it.
Argument* add_rebuild_options(Command& command, RebuildFlags& flags);

int run_rebuild(const std::string& model, const std::vector<std::string>& photos,
                const RebuildFlags& flags, bool overwrite, bool json);

}  // namespace tv2onnx::cli
