#include "checkpoint/fingerprint.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace tv2onnx {
namespace {

/// Names, types, shapes and bytes of all tensors, in their order.
std::string of_tensors(const Checkpoint& checkpoint) {
  Hash hash;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    hash.add(fmt::format("{} {} {}\n", name, dtype_name(tensor.dtype), shape_text(tensor.shape)));
    if (tensor.is_contiguous()) {
      hash.add(std::span(tensor.data, tensor.byte_size()));
    } else {
      hash.add(contiguous_bytes(tensor));
    }
  }
  return hash.digits();
}

}  // namespace

std::string fingerprint(const Checkpoint& checkpoint) {
  return checkpoint.bytes().empty() ? of_tensors(checkpoint) : hash_digits(checkpoint.bytes());
}

}  // namespace tv2onnx
