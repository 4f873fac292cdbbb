#include "doctor/baked_size.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "doctor/box_scaling.h"
#include "doctor/image_resize.h"

namespace tv2onnx::doctor {
namespace {

using Kind = BakedSide::Kind;

/// What is known while places are collected.
struct SideSearch {
  const View& view;
  BakedSize baked;
  std::array<std::optional<std::int64_t>, 2> size;  ///< height, width
  bool is_complete = true;
  std::map<const OnnxNode*, Kind> quotients = {};  ///< of the image's sides and the resized ones

  /// A constant that must be the height (axis 0) or width.
  void add_side(std::size_t axis, double value, BakedSide side) {
    const auto number = static_cast<std::int64_t>(std::llround(value));
    is_complete = is_complete && (!size[axis] || *size[axis] == number);
    size[axis] = number;
    baked.sides.push_back(side);
  }
};

/// SSD resizes every image to one size, which is then no fault of the export. It alone among
/// torchvision's detectors without a box head has a softmax over classes.
bool has_fixed_size(const RuleContext& context) {
  return context.box_heads.empty() &&
         std::ranges::any_of(context.view.nodes(),
                             [](const OnnxNode* node) { return node->op == "Softmax"; });
}

void add_extreme(SideSearch& search, const SideRatio& ratio) {
  const auto sides = search.view.integers(ratio.extreme->input(0));
  if (!sides) return;
  if (sides->size() != 2) {
    search.is_complete = false;
    return;
  }
  search.add_side(0, static_cast<double>((*sides)[0]), {ratio.extreme, 0, Kind::kBoth});
  search.size[1] = (*sides)[1];
}

void add_resize(SideSearch& search, const ImageResize& resize, bool has_fixed_size) {
  if (resize.constant) {
    search.is_complete = search.is_complete && has_fixed_size;
    return;
  }
  if (!resize.is_understood()) return;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const ResizedSide& side = *resize.sides[axis];
    const auto number = search.view.number(side.product->input(side.side));
    if (!number) continue;
    search.add_side(axis, *number,
                    {side.product, side.side, axis == 0 ? Kind::kHeight : Kind::kWidth});
  }
  add_extreme(search, *resize.shorter);
  if (resize.longer->extreme != resize.shorter->extreme) add_extreme(search, *resize.longer);
}

/// `resized`: the constant size that images are resized to, if any.
void add_scaling(SideSearch& search, const BoxScaling& scaling,
                 const std::optional<ImageSize>& resized) {
  for (std::size_t k = 0; k < scaling.products.size(); ++k) {
    const std::size_t axis = k % 2 == 0 ? 1 : 0;  // x, y, x, y
    const std::string& ratio = scaling.ratio(k);
    if (OnnxNode* division = search.view.producer(ratio, "Div")) {
      const auto number = search.view.number(division->input(0));
      if (!number) continue;
      const Kind kind = axis == 0 ? Kind::kHeight : Kind::kWidth;
      const auto [seen, is_new] = search.quotients.emplace(division, kind);
      if (is_new) {
        search.add_side(axis, *number, {division, 0, kind});
      } else if (seen->second != kind) {
        search.is_complete = false;  // one quotient for both axes of a square
      }
      continue;
    }
    const auto number = search.view.number(ratio);
    if (!number) continue;
    if (!resized) {
      search.is_complete = false;
      continue;
    }
    const auto side = static_cast<double>((*resized)[axis]);
    search.add_side(axis, *number * side,
                    {scaling.products[k], scaling.ratio_input[k],
                     axis == 0 ? Kind::kHeightRatio : Kind::kWidthRatio, side});
  }
}

const OnnxValueInfo* input_of(const RuleContext& context, const std::string& name) {
  const auto& inputs = context.view.model().graph.inputs;
  const auto found = std::ranges::find(inputs, name, &OnnxValueInfo::name);
  return found != inputs.end() ? &*found : nullptr;
}

/// What else depends on the size of the image, beyond what is looked at here: masks are pasted in
/// a Loop, keypoints have ratios of their own.
bool has_more_outputs(const RuleContext& context, std::size_t images) {
  return context.view.model().graph.outputs.size() > 3 * images;
}

}  // namespace

std::optional<BakedSize> find_baked_size(const RuleContext& context) {
  const std::vector<ImageResize>& resizes = context.image_resizes;
  const std::vector<BoxScaling> scalings = find_box_scalings(context.view);
  if (resizes.empty() || scalings.empty()) return std::nullopt;
  SideSearch search{context.view, {}, {}};
  search.baked.input = resizes[0].input;
  const bool fixed = has_fixed_size(context);
  for (const ImageResize& resize : resizes) {
    search.is_complete = search.is_complete && resize.input == search.baked.input;
    add_resize(search, resize, fixed);
  }
  for (const BoxScaling& scaling : scalings) add_scaling(search, scaling, resizes[0].constant);
  if (!search.size[0] || !search.size[1]) return std::nullopt;
  BakedSize& baked = search.baked;
  baked.size = {*search.size[0], *search.size[1]};
  const OnnxValueInfo* input = input_of(context, baked.input);
  if (input == nullptr || !input->dims || input->dims->size() < 3) return std::nullopt;
  const auto& dims = *input->dims;
  baked.is_declared = dims[dims.size() - 2].value > 0 && dims.back().value > 0;
  baked.is_mendable = search.is_complete && !has_more_outputs(context, resizes.size());
  return baked;
}

}  // namespace tv2onnx::doctor
