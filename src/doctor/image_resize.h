#pragma once
// The resize at the beginning of torchvision's detectors (GeneralizedRCNNTransform.resize), as a
// trace leaves it: one Resize per image, whose last two sizes are computed or constant.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/view.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

/// floor(side * scale)
struct ResizedSide {
  OnnxNode* floor = nullptr;
  OnnxNode* product = nullptr;  ///< Mul(side, scale), in either order
  std::size_t side = 0;         ///< which input of the product is the image's side
  std::string scale;            ///< the other input
};

/// wanted / side, once for the shorter and once for the longer side.
struct SideRatio {
  double wanted = 0;            ///< min_size or max_size
  OnnxNode* extreme = nullptr;  ///< ReduceMin or ReduceMax of height and width
};

struct ImageResize {
  OnnxNode* node = nullptr;
  std::string input;                                ///< the graph's input that it resizes
  std::array<std::optional<ResizedSide>, 2> sides;  ///< height, width; absent: another way
  std::optional<ImageSize> constant;                ///< the new size, if the file has it as numbers
  std::optional<SideRatio> shorter;
  std::optional<SideRatio> longer;

  /// The scale is computed from the image's sides, in a way that is understood.
  bool is_understood() const { return sides[0] && sides[1] && shorter && longer; }
};

std::vector<ImageResize> find_image_resizes(const View& view);

/// The value before casts, identities and changes of rank.
std::string_view before_casts(const View& view, std::string_view value);

/// Whether it can change from image to image: an input of the graph is behind it.
bool depends_on_input(const View& view, std::string_view value);

}  // namespace tv2onnx::doctor
