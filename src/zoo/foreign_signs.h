#pragma once
// Keys that tell which project a checkpoint comes from: one table.

#include <array>
#include <span>
#include <string_view>

namespace tv2onnx {

struct ForeignSign {
  /// All must be there, at the beginning of a key or behind a dot.
  std::array<std::string_view, 3> keys;
  std::string_view name;
  std::string_view way_out;
};

/// Of models whose weights are computed from others, of any project, torchvision's too.
std::span<const ForeignSign> computed_weight_signs();

/// Of models of other projects; the first row that fits counts.
std::span<const ForeignSign> foreign_key_signs();

struct ForeignPackage {
  std::string_view package;  ///< what the name of a class begins with
  std::string_view name;
  std::string_view way_out;
};

/// Packages whose classes a pickle refers to.
std::span<const ForeignPackage> foreign_packages();

}  // namespace tv2onnx
