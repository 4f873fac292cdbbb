#include "checkpoint/tensor_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "checkpoint/numpy.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

enum class Maker { kNone, kPlain, kV3, kQuantised, kWrapped, kFromType, kVariable, kUnsupported };

struct MakerRow {
  std::string_view name;
  Maker maker;
  std::string_view what = {};
};

constexpr auto kTensorMakers = std::to_array<MakerRow>({
    {"torch._utils._rebuild_tensor", Maker::kPlain},
    {"torch._utils._rebuild_tensor_v2", Maker::kPlain},
    {"torch._utils._rebuild_tensor_v3", Maker::kV3},
    {"torch._utils._rebuild_parameter", Maker::kWrapped},
    {"torch._utils._rebuild_parameter_with_state", Maker::kWrapped},
    {"torch.nn.parameter.Parameter", Maker::kVariable},
    {"torch.nn.parameter.Buffer", Maker::kVariable},
    {"torch.autograd.variable.Variable", Maker::kVariable},
    {"torch._tensor._rebuild_from_type", Maker::kFromType},
    {"torch._tensor._rebuild_from_type_v2", Maker::kFromType},
    {"torch.tensor._rebuild_from_type", Maker::kFromType},
    {"torch.tensor._rebuild_from_type_v2", Maker::kFromType},
    {"torch._utils._rebuild_qtensor", Maker::kQuantised},
    {"torch._utils._rebuild_sparse_tensor", Maker::kUnsupported, "a sparse tensor"},
    {"torch._utils._rebuild_sparse_csr_tensor", Maker::kUnsupported, "a sparse tensor"},
    {"torch._utils._rebuild_nested_tensor", Maker::kUnsupported, "a nested tensor"},
    {"torch._utils._rebuild_meta_tensor_no_storage", Maker::kUnsupported,
     "a tensor without data (device meta)"},
    {"torch._utils._rebuild_wrapper_subclass", Maker::kUnsupported, "a tensor of another library"},
    {"torch._utils._rebuild_device_tensor_from_numpy", Maker::kUnsupported,
     "a tensor of an accelerator that has no storage"},
    {"torch._utils._rebuild_device_tensor_from_cpu_tensor", Maker::kUnsupported,
     "a tensor of an accelerator that has no storage"},
    {"torch._utils._rebuild_xla_tensor", Maker::kUnsupported, "an XLA tensor"},
    {"torch._utils._rebuild_mlc_tensor", Maker::kUnsupported, "an MLC tensor"},
});

const MakerRow* row_of(const PickleTree& tree, NodeId id) {
  if (!tree.is(id, NodeKind::kObject)) return nullptr;
  const auto row = std::ranges::find(kTensorMakers, tree.class_name(id), &MakerRow::name);
  return row != kTensorMakers.end() ? &*row : nullptr;
}

/// Before 0.1.10 torch kept whole tensors outside the pickle; the reference is their number.
bool is_outside(const PickleTree& tree, NodeId id) {
  return tree.is(id, NodeKind::kPersistent) && !tree.is(tree[id].args, NodeKind::kTuple);
}

[[noreturn]] void malformed_call(std::string_view maker) {
  throw Error(
      {.code = "P001", .found = fmt::format("{} has arguments that torch never writes", maker)});
}

TensorSpec plain_spec(const PickleTree& tree, NodeId args, bool v3) {
  return {.storage = tree.at(args, 0),
          .offset = tree.at(args, 1),
          .shape = tree.at(args, 2),
          .strides = tree.at(args, 3),
          .dtype = v3 ? tree.at(args, 6) : kNoNode,
          .metadata = v3 ? tree.at(args, 7) : tree.at(args, 6)};
}

TensorSpec quantised_spec(const PickleTree& tree, NodeId args) {
  return {.storage = tree.at(args, 0),
          .offset = tree.at(args, 1),
          .shape = tree.at(args, 2),
          .strides = tree.at(args, 3),
          .quantiser = tree.at(args, 4)};
}

/// The node with the data of torch <= 0.3's Variable(data) or of its state (data, ...).
NodeId variable_data(const PickleTree& tree, NodeId id) {
  const NodeId given = tree.at(tree[id].args, 0);
  return given != kNoNode ? given : tree.at(tree[id].state, 0);
}

}  // namespace

bool is_tensor(const PickleTree& tree, NodeId id) {
  return row_of(tree, id) != nullptr || is_outside(tree, id) || is_numpy_array(tree, id);
}

TensorSpec tensor_spec(const PickleTree& tree, NodeId id) {
  constexpr int kMaxWrappers = 8;  // a parameter of a tensor subclass has 2
  for (int k = 0; k < kMaxWrappers; ++k) {
    if (is_outside(tree, id)) return {.storage = id};
    if (is_numpy_array(tree, id)) return {.shape = tree.at(tree[id].state, 1), .array = id};
    const MakerRow* row = row_of(tree, id);
    if (row == nullptr) break;
    NodeId args = tree[id].args;
    Maker maker = row->maker;
    std::string_view name = row->name;
    if (maker == Maker::kFromType) {  // (function, type, its arguments, state)
      const auto inner =
          std::ranges::find(kTensorMakers, tree.class_name(tree.at(args, 0)), &MakerRow::name);
      if (inner == kTensorMakers.end() || inner->maker == Maker::kFromType) malformed_call(name);
      maker = inner->maker;
      name = inner->name;
      row = &*inner;
      args = tree.at(args, 2);
    }
    if (maker == Maker::kUnsupported) return {.unsupported = row->what};
    if (maker == Maker::kPlain || maker == Maker::kV3) {
      return plain_spec(tree, args, maker == Maker::kV3);
    }
    if (maker == Maker::kQuantised) return quantised_spec(tree, args);
    const NodeId data = maker == Maker::kVariable ? variable_data(tree, id) : tree.at(args, 0);
    if (!is_tensor(tree, data)) malformed_call(name);
    id = data;
  }
  throw Error({.code = "P001", .found = "a tensor is wrapped in itself"});
}

}  // namespace tv2onnx
