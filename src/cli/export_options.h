#pragma once
// What `tv2onnx export` and `tv2onnx doctor --rebuild` let a user choose about the file to write.

#include <map>
#include <string>
#include <string_view>
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

/// Which axes of the input may have any length.
std::string_view dynamic_text(const ExportFlags& flags, const ExportReport& report);

}  // namespace tv2onnx::cli
