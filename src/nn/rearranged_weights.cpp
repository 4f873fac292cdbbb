#include "nn/rearranged_weights.h"

#include <algorithm>
#include <utility>

#include "nn/known_values.h"

namespace tv2onnx {

Tensor picked_inputs(const Tensor& weight, const std::vector<std::int64_t>& channels) {
  const std::vector<float> values = known_values(weight);
  Shape shape = weight.shape;
  const auto rows = static_cast<std::size_t>(shape[0]);
  const auto in = static_cast<std::size_t>(shape[1]);
  const std::size_t block = values.size() / std::max<std::size_t>(rows * in, 1);
  shape[1] = static_cast<std::int64_t>(channels.size());
  std::vector<float> picked(rows * channels.size() * block);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < channels.size(); ++k) {
      const auto from = static_cast<std::size_t>(channels[k]);
      if (channels[k] < 0 || from >= in) continue;  // a placeholder has fewer
      std::copy_n(
          values.begin() + static_cast<std::ptrdiff_t>((row * in + from) * block), block,
          picked.begin() + static_cast<std::ptrdiff_t>((row * channels.size() + k) * block));
    }
  }
  return make_tensor(std::move(shape), std::move(picked));
}

Tensor stacked(const Tensor& first, const Tensor& second) {
  std::vector<float> values = known_values(first);
  const std::vector<float> more = known_values(second);
  values.insert(values.end(), more.begin(), more.end());
  Shape shape = first.shape;
  shape[0] += second.shape[0];
  return make_tensor(std::move(shape), std::move(values));
}

Tensor with_zero_rows(const Tensor& tensor, std::int64_t rows) {
  std::vector<float> values = known_values(tensor);
  Shape shape = tensor.shape;
  shape[0] += rows;
  values.resize(static_cast<std::size_t>(element_count(shape)));
  return make_tensor(std::move(shape), std::move(values));
}

}  // namespace tv2onnx
