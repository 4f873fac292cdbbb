#pragma once
// The models' options as command line flags (`--box-score-thresh`) and as a config file.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"
#include "tv2onnx/export.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {

/// Adds --prefix, which chooses a model of several in a checkpoint.
void add_prefix_option(Command& command, std::string& prefix);

/// Adds and returns flags for the options of all models; `values` gets the text of those that were
/// given.
std::vector<Argument*> add_model_options(Command& command,
                                         std::map<std::string, std::string>& values);

/// The values of a JSON file (`config`, may be empty) and then of the flags.
/// \throws Error C001, U005, U002.
std::vector<ExportOptions::Override> overrides_of(const std::string& config,
                                                  const std::map<std::string, std::string>& values);

}  // namespace tv2onnx::cli
