#include "nn/known_values.h"

namespace tv2onnx {

std::vector<float> known_values(const Tensor& tensor) {
  if (tensor.data == nullptr) return std::vector<float>(static_cast<std::size_t>(tensor.size()));
  return to_float(tensor);
}

}  // namespace tv2onnx
