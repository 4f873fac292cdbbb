#pragma once
// Which keys and which Python packages tell whose model a checkpoint is, where it is none of
// torchvision's: the tables of foreign_models.cpp.

#include <array>
#include <span>
#include <string_view>

namespace tv2onnx {

struct KeySign {
  /// All must be there, at the beginning of a key or behind a dot.
  std::array<std::string_view, 3> keys;
  std::string_view name;
  std::string_view way_out;
};

/// The first that fits counts.
std::span<const KeySign> foreign_keys();

struct PackageSign {
  std::string_view package;  ///< with its dot
  std::string_view name;
  std::string_view way_out;
};

std::span<const PackageSign> foreign_packages();

}  // namespace tv2onnx
