// D03: the size of the traced image is written into the graph.
//
// Without dynamic axes a trace records height and width as numbers:
//
//   ReduceMin([h, w]), ReduceMax([h, w])     the scale, min_size / shorter side
//   h * scale, w * scale                     the resized image
//   h / resized h, w / resized w             boxes in pixels of the image
//
// Such a file takes one size. Where somebody has named the dimensions afterwards, it takes all
// sizes and returns wrong boxes. Repair: the six numbers come from Shape(input). Models that
// resize to a fixed square have only the last ratios, as finished constants.

#include <fmt/format.h>

#include <map>

#include "doctor/baked_size.h"
#include "doctor/rules/rules.h"
#include "graph/ops.h"
#include "rewrite/splice.h"

namespace tv2onnx::doctor {
namespace {

using Kind = BakedSide::Kind;

std::vector<Finding> examine_baked_image_size(const RuleContext& context) {
  const std::optional<BakedSize> baked = find_baked_size(context);
  if (!baked) return {};
  const std::string size = fmt::format("{}x{}", baked->size[0], baked->size[1]);
  Finding finding{.code = "D03",
                  .damage = baked->is_declared ? Damage::kLimit : Damage::kWrong,
                  .what = "",
                  .evidence = {},
                  .symptom = "",
                  .since = "torch.onnx.export without dynamic_axes",
                  .remedy = "height and width are read from the image",
                  .repairable = baked->is_mendable};
  if (baked->is_declared) {
    finding.what = fmt::format("takes images of {} only (height x width)", size);
    finding.symptom =
        "'Got invalid dimensions for input'; naming the dimensions in the file makes "
        "it run and return wrong boxes";
  } else {
    finding.what = fmt::format(
        "height and width of the input were named afterwards, but {} is written into the graph",
        size);
    finding.symptom = fmt::format("wrong boxes for images of any size but {}, no error", size);
  }
  for (const BakedSide& side : baked->sides) finding.evidence.push_back(side.node->label());
  if (!baked->is_mendable) {
    finding.remedy = "a file without baked sizes: --rebuild, or export again with dynamic_axes";
  }
  return {finding};
}

/// Makes the sides of the image, each when it is asked for first.
class Sides {
 public:
  Sides(View& view, const BakedSize& baked)
      : view_(view), front_(*view.nodes().front()), input_(baked.input) {
    for (const OnnxValueInfo& input : view.model().graph.inputs) {
      if (input.name == baked.input) rank_ = static_cast<std::int64_t>(input.dims->size());
    }
  }

  /// int64 [2]: height, width
  std::string both() {
    return made("both", [&] {
      return insert_before(view_, front_, "height_and_width", {{input_}},
                           [&](Graph&, std::span<const Value> image) {
                             return pick(shape_of(image[0]), {rank_ - 2, rank_ - 1}, 0);
                           });
    });
  }
  /// float32, a scalar
  std::string side(std::size_t axis) {
    const char* name = axis == 0 ? "height" : "width";
    return made(name, [&] {
      const std::int64_t index = rank_ - 2 + static_cast<std::int64_t>(axis);
      return insert_before(
          view_, front_, name, {{input_}}, [&](Graph& graph, std::span<const Value> image) {
            const Value place = constant(graph, make_tensor({}, std::vector{index}));
            return cast(gather(shape_of(image[0]), place, 0), DType::kFloat32);
          });
    });
  }
  /// side / resized side
  std::string ratio(std::size_t axis, double resized) {
    const char* name = axis == 0 ? "height_ratio" : "width_ratio";
    return made(name, [&] {
      return insert_before(view_, front_, name, {{side(axis)}},
                           [&](Graph&, std::span<const Value> in) { return in[0] / resized; });
    });
  }

 private:
  template <typename Make>
  std::string made(const std::string& what, const Make& make) {
    const auto found = values_.find(what);
    return found != values_.end() ? found->second : values_[what] = make();
  }

  View& view_;
  const OnnxNode& front_;
  std::string input_;
  std::int64_t rank_ = 4;
  std::map<std::string, std::string> values_;
};

std::string value_for(Sides& sides, const BakedSide& side) {
  switch (side.kind) {
    case Kind::kHeight: return sides.side(0);
    case Kind::kWidth: return sides.side(1);
    case Kind::kBoth: return sides.both();
    case Kind::kHeightRatio: return sides.ratio(0, side.resized);
    case Kind::kWidthRatio: return sides.ratio(1, side.resized);
  }
  return "";
}

/// Numbers that the exporter, or a shape inference afterwards, derived from the traced size.
void forget_shapes(OnnxGraph& graph, const std::string& input_name) {
  graph.value_infos.clear();
  for (OnnxValueInfo& input : graph.inputs) {
    if (input.name != input_name) continue;
    auto& dims = *input.dims;
    const auto name = [&](OnnxValueInfo::Dim& dim, const char* symbol) {
      if (dim.value > 0 || dim.symbol.empty()) dim = {-1, symbol};
    };
    name(dims[dims.size() - 2], "height");
    name(dims.back(), "width");
    input.source = {};
  }
}

void repair_baked_image_size(RuleContext& context) {
  const std::optional<BakedSize> baked = find_baked_size(context);
  if (!baked || !baked->is_mendable) return;
  Sides sides(context.view, *baked);
  for (const BakedSide& side : baked->sides) {
    context.view.set_input(*side.node, side.input, value_for(sides, side));
  }
  forget_shapes(context.view.model().graph, baked->input);
}

bool corrects_baked_image_size(const RuleContext& original, const ImageSize& size) {
  const std::optional<BakedSize> baked = find_baked_size(original);
  return baked && size != baked->size;
}

}  // namespace

Rule baked_image_size() {
  return {"D03", examine_baked_image_size, repair_baked_image_size, corrects_baked_image_size};
}

}  // namespace tv2onnx::doctor
