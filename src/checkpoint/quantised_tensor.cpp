#include "checkpoint/quantised_tensor.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "checkpoint/tensor_spec.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// What it takes to read the integers as other numbers.
struct Quantiser {
  Tensor scale;
  Tensor zero_point;
};

[[noreturn]] void malformed_scale() {
  throw Error(
      {.code = "P001", .found = "the scale of a quantised tensor is not what torch writes"});
}

[[noreturn]] void unsupported_scheme(std::string_view found) {
  throw Error(
      {.code = "C009",
       .found = fmt::format("{} is not supported", printable(found)),
       .expected = "torch.per_tensor_affine, or torch.per_channel_affine along the first axis",
       .hint = "save the float model, before it is quantised"});
}

Quantiser of_tensor(const PickleTree& tree, NodeId scale, NodeId zero) {
  if (!tree.is(scale, NodeKind::kFloat) || !tree.is(zero, NodeKind::kInt)) malformed_scale();
  return {make_tensor({}, std::vector{tree[scale].real}),
          make_tensor({}, std::vector{tree[zero].integer})};
}

Quantiser quantiser_of(const PickleTree& tree, NodeId id, const Container& container) {
  const std::string_view scheme = tree.class_name(tree.at(id, 0));
  const NodeId scale = tree.at(id, 1);
  const NodeId zero = tree.at(id, 2);
  if (scheme == "torch.per_tensor_affine") return of_tensor(tree, scale, zero);
  if (scheme != "torch.per_channel_affine") unsupported_scheme(scheme);
  if (!is_tensor(tree, scale) || !is_tensor(tree, zero)) malformed_scale();
  const NodeId axis = tree.at(id, 3);
  if (!tree.is(axis, NodeKind::kInt)) malformed_scale();
  if (tree[axis].integer != 0)
    unsupported_scheme("a quantised tensor with scales along another axis");
  return {read_tensor(tree, tensor_spec(tree, scale), container),
          read_tensor(tree, tensor_spec(tree, zero), container)};
}

}  // namespace

void read_weight(const PickleTree& tree, NodeId id, const Container& container,
                 const std::string& key, std::vector<NamedTensor>& tensors) {
  try {
    const TensorSpec spec = tensor_spec(tree, id);
    tensors.push_back({key, read_tensor(tree, spec, container)});
    if (spec.quantiser == kNoNode) return;
    Quantiser quantiser = quantiser_of(tree, spec.quantiser, container);
    tensors.push_back({key + ".scale", std::move(quantiser.scale)});
    tensors.push_back({key + ".zero_point", std::move(quantiser.zero_point)});
  } catch (const Error& error) {
    throw naming(error, key);
  }
}

}  // namespace tv2onnx
