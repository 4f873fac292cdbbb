#pragma once
// Class names in text files.

#include <string>
#include <vector>

#include "tv2onnx/contract.h"

namespace tv2onnx::cli {

/// One name per line; empty lines do not count. \throws Error C001.
std::vector<std::string> read_class_names(const std::string& path);

/// Those of the file, with or without the background as the detector's own are; its own if `file`
/// is "". \throws Error C001; U002 if their number is another one.
std::vector<std::string> detector_class_names(const std::string& file, const Contract& contract);
/// The same of names that are read already; none: the detector's own. `file` is for errors.
std::vector<std::string> detector_class_names(std::vector<std::string> names,
                                              const std::string& file, const Contract& contract);

}  // namespace tv2onnx::cli
