#include "doctor/rebuild/shown_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/reference.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kFrames = 16;   // of a clip
constexpr std::int64_t kChannels = 3;  // what a file leaves open

}  // namespace

void require_images(const std::vector<PortInfo>& ports) {
  for (const PortInfo& port : ports) {
    const std::size_t rank = port.shape.size();
    const bool empty = std::ranges::find(port.shape, 0) != port.shape.end();
    if ((rank == 4 || rank == 5) && !empty) continue;
    throw Error({.code = "D112",
                 .found = fmt::format("input '{}' {} is no image, so nothing could be compared",
                                      printable(port.name), shape_text(port.shape)),
                 .hint = "export from the checkpoint with tv2onnx export"});
  }
}

Tensor drawn(const PortInfo& port, const Shown& shown) {
  const std::size_t rank = port.shape.size();
  Shape shape = port.shape;
  const auto open = [&](std::size_t axis, std::int64_t length) {
    if (shape[axis] < 0) shape[axis] = length;
  };
  open(0, 1);
  open(1, kChannels);
  if (rank == 5) open(2, kFrames);
  open(rank - 2, shown.size[0]);
  open(rank - 1, shown.size[1]);
  require_drawable({shape[rank - 2], shape[rank - 1]},
                   element_count(shape) / shape[rank - 1] / shape[rank - 2] / kChannels);
  std::vector<InputCase> cases = standard_cases(
      {.quick = true, .size = ImageSize{shape[rank - 2], shape[rank - 1]}, .photos = {}});
  std::erase_if(cases, [](const InputCase& one) {
    return one.input.dtype != DType::kUInt8 || one.input.shape[0] != 1 ||
           one.name.starts_with("blank");
  });
  const Tensor& scene = cases[shown.scene % cases.size()].input;
  const auto pixels = scene.as<std::uint8_t>();
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  const auto plane = static_cast<std::size_t>(shape[rank - 2] * shape[rank - 1]);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t of_plane = k / plane;
    const std::size_t at = k % plane * 3 + of_plane % 3;
    // Frames differ, and so do the images of a batch.
    const std::size_t moved = (at + 3 * of_plane) % pixels.size();
    values[k] = shown.contrast * (static_cast<float>(pixels[moved]) / 255 - 0.45F) / 0.225F;
  }
  return make_tensor(std::move(shape), std::move(values));
}

}  // namespace tv2onnx::doctor
