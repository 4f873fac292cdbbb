// Paths of modules: names with dots between them.

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tv2onnx {

inline std::string joined(std::string_view path, std::string_view leaf) {
  return path.empty() ? std::string(leaf) : fmt::format("{}.{}", path, leaf);
}

inline std::string_view parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

inline std::string_view leaf_of(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

}  // namespace tv2onnx
