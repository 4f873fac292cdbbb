#include "nn/image_input.h"

#include <fmt/format.h>

#include "tv2onnx/error.h"

namespace tv2onnx {

Value image_input(Graph& graph, InputMode mode, bool bgr, std::int64_t channels,
                  const ImageShape& shape) {
  if (bgr && channels != 3) {
    throw Error({.code = "U002",
                 .found = fmt::format("BGR for images of {} channels", channels),
                 .where = {.item = "--bgr"},
                 .expected = "a model for images of 3 channels"});
  }
  const auto& [batch, height, width] = shape;
  if (mode == InputMode::kUint8) {
    return graph.add_input("input", DType::kUInt8, {batch, height, width, channels});
  }
  return graph.add_input("input", DType::kFloat32, {batch, channels, height, width});
}

Value byte_planes(Value input) {
  const auto rank = static_cast<std::int64_t>(input.graph->info(input.id).dims->size());
  std::vector<std::int64_t> channels_first{rank - 1, rank - 3, rank - 2};
  if (rank == 4) channels_first.insert(channels_first.begin(), 0);
  return transpose(input, std::move(channels_first));
}

Value as_rgb(Value planes, bool bgr) {
  return bgr ? pick(planes, {2, 1, 0}, 1) : planes;
}

}  // namespace tv2onnx
