#pragma once
// Class names in text files.

#include <string>
#include <vector>

namespace tv2onnx::cli {

/// One name per line; empty lines do not count. \throws Error C001.
std::vector<std::string> read_class_names(const std::string& path);

}  // namespace tv2onnx::cli
