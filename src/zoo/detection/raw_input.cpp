#include "zoo/detection/raw_input.h"

#include <fmt/format.h>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Size = std::array<std::int64_t, 2>;

std::string text_of(const Size& size) {
  return fmt::format("{}x{}", size[0], size[1]);
}

[[noreturn]] void refuse_size(std::string found, std::string expected) {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.item = "--size"},
               .expected = std::move(expected)});
}

Size size_of_input(const TransformSpec& transform, const BuildOptions& options) {
  if (transform.fixed_size) {
    const auto [height, width] = padded_fixed_size(transform);
    const Size fixed{height, width};
    if (!options.detection.size || *options.detection.size == fixed) return fixed;
    refuse_size(text_of(*options.detection.size),
                fmt::format("{}, or no --size: the model has a fixed_size", text_of(fixed)));
  }
  const std::int64_t step = transform.size_divisible;
  if (!options.detection.size) {
    refuse_size(
        "--outputs raw without a size",
        fmt::format("--size HEIGHTxWIDTH, both multiples of {}, such as {}", step,
                    text_of({(800 + step - 1) / step * step, (1333 + step - 1) / step * step})));
  }
  for (const std::int64_t side : *options.detection.size) {
    if (side > 0 && side % step == 0) continue;
    refuse_size(
        text_of(*options.detection.size),
        fmt::format("multiples of {}, to which torchvision pads images (size_divisible)", step));
  }
  return *options.detection.size;
}

}  // namespace

Value raw_input(Graph& graph, const TransformSpec& transform, const BuildOptions& options) {
  if (input_mode(options, Task::kDetection) != InputMode::kFloat || options.bgr) {
    throw Error(
        {.code = "U002",
         .found = options.bgr ? "BGR input of a raw file"
                              : "uint8, auto or normalized input of a raw file",
         .where = {.item = options.bgr ? "--bgr" : "--input"},
         .expected = "float32 RGB 0..1: images of raw files are resized and padded before"});
  }
  const auto [height, width] = size_of_input(transform, options);
  const auto channels = static_cast<std::int64_t>(transform.mean.size());
  return graph.add_input("input", DType::kFloat32, {1, channels, height, width});
}

}  // namespace tv2onnx
