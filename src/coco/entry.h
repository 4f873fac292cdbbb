#pragma once
// An entry of a list of annotations or results, with its members checked.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tv2onnx/setting.h"

namespace tv2onnx {

/// What errors call the entry is its noun and index. All functions throw Error U005.
struct Entry {
  const Setting& value;
  const char* noun;
  std::size_t index;
  const char* form;  ///< what the file ought to be

  [[noreturn]] void refuse(const std::string& problem) const;
  const Setting& member(const char* key) const;
  std::int64_t integer(const char* key) const;
  double number(const char* key) const;
  /// Of a list of coordinates or lengths.
  std::vector<double> numbers(const Setting& list, const char* key) const;
};

}  // namespace tv2onnx
