#pragma once
// Names that nobody has yet.

#include <fmt/format.h>

#include <string>

namespace tv2onnx {

/// `base`, or else the first of BASE_1, BASE_2, ... that is not among `taken`, where it is then.
/// \param suffixes the last number of each base, so that many of one base take no longer each
template <typename Names, typename Suffixes>
std::string fresh_name(const std::string& base, Names& taken, Suffixes& suffixes) {
  if (taken.insert(base).second) return base;
  int& suffix = suffixes[base];
  std::string name;
  do {
    name = fmt::format("{}_{}", base, ++suffix);
  } while (!taken.insert(name).second);
  return name;
}

}  // namespace tv2onnx
