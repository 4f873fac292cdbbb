// D05: the size that an image is resized to is computed in float32.
//
//   traced:      Floor(float32(side) * float32 scale)
//   torchvision: floor(side * scale), the product in double; the scale is min_size / side in
//                double, before 0.16 in float32
//
// So at some sizes (427x640 is one) the resized image is one pixel larger or smaller, and boxes are
// not PyTorch's. Repair: what double arithmetic gives, in whole numbers (nn/scaled_sides.h), as
// many runtimes have no double precision. Floor of the FPN's level mapper is another one and is
// left alone.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "doctor/image_resize.h"
#include "doctor/rules/rules.h"
#include "doctor/torch_release.h"
#include "graph/ops.h"
#include "nn/image_transform.h"
#include "nn/resized_size.h"
#include "nn/scaled_sides.h"
#include "rewrite/splice.h"
#include "zoo/detection/options.h"

namespace tv2onnx::doctor {
namespace {

/// Double if nothing says otherwise, as releases since 0.16 compute it.
ResizeRule rule_of(const RuleContext& context) {
  if (context.torchvision) return resize_rule(*context.torchvision);
  return resize_rule(torchvision_of(context.view.model()).value_or(TorchvisionVersion{}));
}

/// Those whose resized size comes from a floor of float32. What has been repaired has none.
std::vector<ImageResize> in_float32(const RuleContext& context) {
  std::vector<ImageResize> resizes = context.image_resizes;
  std::erase_if(resizes, [](const ImageResize& each) { return !each.is_understood(); });
  return resizes;
}

/// Whether the wanted sizes are such that whole numbers give what double precision gives.
bool is_computable(const ImageResize& resize) {
  return std::ranges::all_of(
      std::array{resize.shorter->wanted, resize.longer->wanted}, [](double size) {
        return size >= 1 && size <= double{kLargestWantedSize} && size == std::floor(size);
      });
}

TransformSpec spec_of(const RuleContext& context, const ImageResize& resize) {
  TransformSpec spec;
  spec.min_size = resize.shorter->wanted;
  spec.max_size = resize.longer->wanted;
  spec.rule = rule_of(context);
  return spec;
}

/// What the traced graph computes; the scale's two forms, 1 / side * wanted and wanted / side, are
/// both possible.
ImageSize size_in_float32(const ImageSize& size, const TransformSpec& spec, bool reciprocal) {
  const auto [shorter, longer] = std::minmax(size[0], size[1]);
  const auto ratio = [&](std::int64_t side, double wanted) {
    const auto single = static_cast<float>(side);
    const auto target = static_cast<float>(wanted);
    return reciprocal ? 1.0F / single * target : target / single;
  };
  const float scale = std::min(ratio(shorter, spec.min_size), ratio(longer, spec.max_size));
  const auto scaled = [scale](std::int64_t side) {
    return static_cast<std::int64_t>(std::floor(static_cast<float>(side) * scale));
  };
  return {scaled(size[0]), scaled(size[1])};
}

bool corrects_resized_size_in_float32(const RuleContext& original, const ImageSize& size) {
  const std::vector<ImageResize> resizes = in_float32(original);
  return std::ranges::any_of(resizes, [&](const ImageResize& resize) {
    const TransformSpec spec = spec_of(original, resize);
    const ImageSize meant = resized_size(size, spec);
    return size_in_float32(size, spec, true) != meant ||
           size_in_float32(size, spec, false) != meant;
  });
}

/// Share of usual sizes that are resized to another size than torchvision resizes them to.
double affected(const RuleContext& context) {
  constexpr std::int64_t kFrom = 100;
  constexpr std::int64_t kTo = 2000;
  constexpr std::int64_t kStep = 37;
  const ImageResize resize = in_float32(context).front();
  const TransformSpec spec = spec_of(context, resize);
  std::size_t all = 0;
  std::size_t wrong = 0;
  for (std::int64_t height = kFrom; height < kTo; height += kStep) {
    for (std::int64_t width = kFrom; width < kTo; width += kStep) {
      ++all;
      if (size_in_float32({height, width}, spec, true) != resized_size({height, width}, spec)) {
        ++wrong;
      }
    }
  }
  return static_cast<double>(wrong) / static_cast<double>(all);
}

std::vector<Finding> examine_resized_size_in_float32(const RuleContext& context) {
  const std::vector<ImageResize> resizes = in_float32(context);
  if (resizes.empty()) return {};
  Finding finding{
      .code = "D05",
      .damage = Damage::kWrong,
      .what = fmt::format("{:.0f} % of image sizes are resized to another size than in PyTorch",
                          100 * affected(context)),
      .evidence = {},
      .symptom = "boxes and scores differ from PyTorch's at some sizes, and agree at others",
      .since = "torch.onnx.export of all versions (tracing computes sizes in float32)",
      .remedy = rule_of(context) == ResizeRule::kDouble
                    ? "the size that double precision gives, as in torchvision since 0.16"
                    : "the size of a scale in float32, as in torchvision before 0.16",
      .repairable = std::ranges::all_of(resizes, is_computable)};
  for (const ImageResize& resize : resizes) {
    for (const auto& side : resize.sides) finding.evidence.push_back(side->floor->label());
  }
  return {finding};
}

/// The value as int64 [1].
Value whole_number(Value number) {
  return reshape(cast(number, DType::kInt64), {1});
}

/// What the shorter and the longer side become, int64 [2].
std::string resized_sides(View& view, const ImageResize& resize, const TransformSpec& spec) {
  const std::vector<Binding> sides{{resize.shorter->extreme->output(0)},
                                   {resize.longer->extreme->output(0)}};
  return insert_before(view, *resize.sides[0]->product, "resized_sides", sides,
                       [&](Graph&, std::span<const Value> of) {
                         const Value resized = scaled_sides(
                             concat({whole_number(of[0]), whole_number(of[1])}, 0), spec);
                         // ONNX Runtime does not infer the rank of GreaterOrEqual, and takes sizes
                         // of a Resize whose rank it does not know for none at all. A Reshape
                         // states it.
                         return reshape(resized, {2});
                       });
}

/// One of them, of the rank that the side has.
Value resized_side(Value side, Value shorter, Value resized) {
  const auto number = [](Value x) { return squeeze(x, {0}); };
  const Value is_shorter = equal(cast(side, DType::kInt64), number(whole_number(shorter)));
  const Value size =
      where(is_shorter, number(pick(resized, {0}, 0)), number(pick(resized, {1}, 0)));
  return cast(size, DType::kFloat32);
}

void repair_resized_size_in_float32(RuleContext& context) {
  View& view = context.view;
  for (const ImageResize& resize : in_float32(context)) {
    if (!is_computable(resize)) continue;
    const std::string resized = resized_sides(view, resize, spec_of(context, resize));
    for (const auto& side : resize.sides) {
      const std::vector<Binding> values{{side->product->input(side->side)},
                                        {resize.shorter->extreme->output(0)},
                                        {resized, DType::kInt64, Dims{2}}};
      const std::string size = insert_before(
          view, *side->floor, "resized_side", values,
          [](Graph&, std::span<const Value> of) { return resized_side(of[0], of[1], of[2]); });
      view.replace_readers(side->floor->output(0), size);
    }
  }
}

}  // namespace

Rule resized_size_in_float32() {
  return {"D05", examine_resized_size_in_float32, repair_resized_size_in_float32,
          corrects_resized_size_in_float32};
}

}  // namespace tv2onnx::doctor
