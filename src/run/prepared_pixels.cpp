#include "run/prepared_pixels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ranges>
#include <vector>

#include "onnx/model.h"
#include "onnx/write.h"
#include "run/answer_file.h"
#include "run/photo.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// The file as far as the pixels are whole numbers.
Session first_part(const std::string& file) {
  OnnxModel model = read_onnx_model(file);
  const auto nodes = model.graph.nodes | std::views::reverse;
  const auto last = std::ranges::find_if(
      nodes, [](const OnnxNode& node) { return node.name.starts_with("preparation/"); });
  if (last == nodes.end()) {
    throw Error({.code = "R007",
                 .found = "no preparation of the photo in the graph, which the metadata promise",
                 .where = {.file = file},
                 .hint = "export it again with this version of tv2onnx"});
  }
  OnnxValueInfo output;
  output.name = last->output(0);
  output.data_type = 1;  // float
  model.graph.outputs = {std::move(output)};
  SessionOptions options;
  options.threads = 1;
  return {write_onnx(model, {}), file, options};
}

/// float32 [n, c, height, width] of whole numbers
Tensor bytes_of(const Tensor& planes) {
  const Shape& shape = planes.shape;
  const auto area = static_cast<std::size_t>(shape[2] * shape[3]);
  const auto channels = static_cast<std::size_t>(shape[1]);
  const auto values = planes.as<float>();
  std::vector<std::uint8_t> bytes(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t image = k / (area * channels);
    const std::size_t channel = k / area % channels;
    bytes[(image * area + k % area) * channels + channel] =
        static_cast<std::uint8_t>(std::lround(std::clamp(values[k], 0.0F, 255.0F)));
  }
  return make_tensor({shape[0], shape[2], shape[3], shape[1]}, std::move(bytes));
}

}  // namespace

PreparedPixels::PreparedPixels(const Session& session, const Contract& contract)
    : contract_(&contract), file_(session.file()) {
  if (contract.preprocess == Preprocess::kFull) first_part_ = first_part(file_);
}

Tensor PreparedPixels::of(const Tensor& images) const {
  if (first_part_) {
    return bytes_of(first_part_->run({prepared_photos(images, *contract_, file_)})[0]);
  }
  return resized_and_cropped(as_bytes(images), *contract_->photo);
}

}  // namespace tv2onnx
