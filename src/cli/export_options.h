#pragma once
// What `tv2onnx export` and `tv2onnx doctor --rebuild` let a user choose about the file to write.

#include <map>
#include <string>
#include <vector>

#include "cli/options.h"
#include "tv2onnx/export.h"

namespace tv2onnx::cli {

struct ExportFlags {
  ExportOptions core;
  std::string torchvision;  ///< "" if not given
  std::string class_names_file;
  std::string config;
  std::string size;  ///< "" if not given
  std::map<std::string, std::string> model_values;
};

/// Adds the options to the command and returns them.
std::vector<Argument*> add_export_options(Command& command, ExportFlags& flags);

/// The options with files read and values parsed. \throws Error as overrides_of and
/// read_class_names; U002.
ExportOptions export_options(const ExportFlags& flags);

}  // namespace tv2onnx::cli
