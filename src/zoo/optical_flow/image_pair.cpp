#include "zoo/optical_flow/image_pair.h"

#include "nn/size_guard.h"

namespace tv2onnx {
namespace {

constexpr const char* kPairLimits = "height_and_width_must_be_multiples_of_8_and_128_at_least";
constexpr const char* kSameCount = "image1_and_image2_must_be_equally_many";
constexpr const char* kSameSize = "image1_and_image2_must_have_the_same_size";

Value image(Graph& graph, const char* name, std::int64_t channels) {
  const Value x = graph.add_input(name, DType::kFloat32, {"batch", channels, "height", "width"});
  return guarded(x, {.at_least = {0, 0, 128, 128}, .multiple_of = {1, 1, 8, 8}}, kPairLimits);
}

/// The second images; an error of the runtime unless they are as many as the first ones.
Value as_many(Value first, Value second) {
  const NameScope names(*first.graph, kSameCount);
  const Value shape = concat({size_of(first, 0), pick(shape_of(second), {1, 2, 3}, 0)}, 0);
  return reshape_to(second, shape, first.graph->info(second.id).dims);
}

}  // namespace

ImagePair image_pair(Scope stem) {
  const std::optional<Shape> weight = stem.shape("weight");
  const std::int64_t channels = weight && weight->size() == 4 ? (*weight)[1] : 3;
  const Value first = image(stem.graph(), "image1", channels);
  const Value second = as_many(first, image(stem.graph(), "image2", channels));
  const NameScope names(stem.graph(), kSameSize);
  return {first, concat({first, second}, 0)};
}

std::array<Value, 2> grid_and_zeros(Value map) {
  const Value shape = shape_of(map);
  const Value plane =
      expand(reshape(floats(*map.graph, {0}), {1, 1, 1, 1}),
             concat({pick(shape, {0}, 0), ints(*map.graph, {1}), pick(shape, {2, 3}, 0)}, 0),
             Dims{map.dim(0), 1, {}, {}});
  const auto count = [&](std::int64_t axis) {
    return cast(range(pick(shape, {axis}, 0)), DType::kFloat32);
  };
  const Value x = plane + reshape(count(3), {1, 1, 1, -1});
  const Value y = plane + reshape(count(2), {1, 1, -1, 1});
  return {concat({x, y}, 1), concat({plane, plane}, 1)};
}

}  // namespace tv2onnx
