#include "checkpoint/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checkpoint/numpy.h"
#include "checkpoint/plain.h"
#include "checkpoint/tensor_spec.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

struct TypeRow {
  std::string_view storage;
  std::string_view name;   ///< torch.dtype
  std::string_view alias;  ///< its second name
  std::uint64_t width;
  std::optional<DType> dtype;
};

constexpr auto kTorchTypes = std::to_array<TypeRow>({
    {"FloatStorage", "float32", "float", 4, DType::kFloat32},
    {"DoubleStorage", "float64", "double", 8, DType::kFloat64},
    {"HalfStorage", "float16", "half", 2, DType::kFloat16},
    {"BFloat16Storage", "bfloat16", "bfloat16", 2, DType::kBFloat16},
    {"CharStorage", "int8", "int8", 1, DType::kInt8},
    {"ShortStorage", "int16", "short", 2, DType::kInt16},
    {"IntStorage", "int32", "int", 4, DType::kInt32},
    {"LongStorage", "int64", "long", 8, DType::kInt64},
    {"ByteStorage", "uint8", "uint8", 1, DType::kUInt8},
    {"BoolStorage", "bool", "bool", 1, DType::kBool},
    {"UntypedStorage", "", "", 1, {}},
    {"ComplexFloatStorage", "complex64", "cfloat", 8, {}},
    {"ComplexDoubleStorage", "complex128", "cdouble", 16, {}},
    {"QInt8Storage", "qint8", "", 1, DType::kInt8},
    {"QUInt8Storage", "quint8", "", 1, DType::kUInt8},
    {"QInt32Storage", "qint32", "", 4, DType::kInt32},
    {"QUInt4x2Storage", "quint4x2", "", 1, {}},
    {"QUInt2x4Storage", "quint2x4", "", 1, {}},
});

constexpr std::uint32_t kMaxStorageKey = 200;  // torch writes numbers

[[noreturn]] void malformed_storage(std::string_view what) {
  throw Error({.code = "P001", .found = fmt::format("{} is not what torch writes", what)});
}

[[noreturn]] void unsupported_type(std::string_view type) {
  throw Error({.code = "C009",
               .found = fmt::format("{} is not supported", printable(type)),
               .expected = "float32, float64, float16, bfloat16, an integer type or bool",
               .hint = type.find('q') != std::string_view::npos
                           ? "save the float model, before it is quantised"
                           : "convert the tensor in Python before saving, for example with "
                             ".float()"});
}

std::uint64_t count_of(const PickleTree& tree, NodeId id, std::string_view what) {
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  if (!tree.is(id, NodeKind::kInt) || tree[id].integer < 0 || tree[id].integer > kMost) {
    malformed_storage(what);
  }
  return static_cast<std::uint64_t>(tree[id].integer);
}

Shape numbers(const PickleTree& tree, NodeId id, std::string_view what) {
  constexpr std::uint32_t kMaxRank = 64;  // torch's own limit
  if (!tree.is(id, NodeKind::kTuple) && !tree.is(id, NodeKind::kList)) malformed_storage(what);
  if (tree[id].count > kMaxRank) malformed_storage(what);
  Shape values;
  tree.each(id, [&](NodeId item) {
    if (!tree.is(item, NodeKind::kInt)) malformed_storage(what);
    values.push_back(tree[item].integer);
  });
  return values;
}

DType dtype_of(const PickleTree& tree, const TensorSpec& spec, const Storage& storage) {
  if (spec.dtype == kNoNode && storage.dtype) return *storage.dtype;
  std::string_view name = tree.class_name(spec.dtype);
  if (!name.starts_with("torch.")) malformed_storage("the element type of a tensor");
  name.remove_prefix(6);
  const auto row = std::ranges::find_if(
      kTorchTypes, [&](const TypeRow& type) { return type.name == name || type.alias == name; });
  if (row == kTorchTypes.end() || !row->dtype) unsupported_type(name);
  return *row->dtype;
}

/// Flags of complex and lazily negated tensors, whose bytes are not their values.
void check_metadata(const PickleTree& tree, NodeId metadata) {
  if (!tree.is(metadata, NodeKind::kDict)) return;
  tree.each_member(metadata, [&](NodeId key, NodeId value) {
    if (tree.is(value, NodeKind::kBool) && tree[value].integer != 0) {
      unsupported_type(fmt::format("a tensor with the flag '{}'", key_text(tree, key)));
    }
  });
}

/// The bytes of a storage that a view touches, and how many it has when it is made contiguous.
struct Extent {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t bytes = 0;
};

/// Null if the numbers, none of which is negative, are beyond 63 bits.
std::optional<Extent> extent_of(const TensorLayout& layout, DType dtype) {
  const auto width = static_cast<std::int64_t>(dtype_size(dtype));
  Extent extent{.bytes = width};
  bool overflow = __builtin_mul_overflow(layout.offset, width, &extent.begin);
  std::int64_t last = layout.offset;
  for (std::size_t axis = 0; axis < layout.shape.size(); ++axis) {
    const std::int64_t size = layout.shape[axis];
    std::int64_t reach = 0;
    overflow |= __builtin_mul_overflow(extent.bytes, size, &extent.bytes);
    overflow |=
        __builtin_mul_overflow(std::max<std::int64_t>(size - 1, 0), layout.strides[axis], &reach);
    overflow |= __builtin_add_overflow(last, reach, &last);
  }
  const bool is_empty = std::ranges::find(layout.shape, 0) != layout.shape.end();
  overflow |= __builtin_add_overflow(last, is_empty ? 0 : 1, &last);
  overflow |= __builtin_mul_overflow(is_empty ? layout.offset : last, width, &extent.end);
  if (overflow) return std::nullopt;
  return extent;
}

}  // namespace

void set_storage_class(StorageReference& reference, std::string_view storage_class) {
  if (!storage_class.starts_with("torch.")) malformed_storage("the class of a storage");
  const std::string_view name = storage_class.substr(storage_class.rfind('.') + 1);
  const auto row = std::ranges::find(kTorchTypes, name, &TypeRow::storage);
  if (row == kTorchTypes.end()) unsupported_type(storage_class);
  reference.dtype = row->dtype;
  reference.width = row->width;
  if (!row->dtype && !row->name.empty()) reference.unsupported = row->name;
}

StorageReference storage_reference(const PickleTree& tree, NodeId persistent) {
  if (!tree.is(persistent, NodeKind::kPersistent)) malformed_storage("a reference to a storage");
  const NodeId id = tree[persistent].args;
  if (tree.text_or_empty(tree.at(id, 0)) != "storage")
    malformed_storage("a reference to a storage");
  StorageReference reference;
  set_storage_class(reference, tree.class_name(tree.at(id, 1)));
  const NodeId key = tree.at(id, 2);
  if (key == kNoNode || (tree.is(key, NodeKind::kText) && tree[key].count > kMaxStorageKey)) {
    malformed_storage("the key of a storage");
  }
  reference.key = key_text(tree, key);
  reference.location = tree.text_or_empty(tree.at(id, 3));
  const auto bytes_at = [&](NodeId count, std::string_view what) {
    return count_of(tree, count, what) * reference.width;
  };
  reference.bytes = bytes_at(tree.at(id, 4), "the size of a storage");
  reference.view_bytes = reference.bytes;
  const NodeId view = tree.at(id, 5);
  if (tree.is(view, NodeKind::kTuple)) {
    reference.view_offset = bytes_at(tree.at(view, 1), "the offset of a view");
    reference.view_bytes = bytes_at(tree.at(view, 2), "the size of a view");
  }
  return reference;
}

Storage part_of(const StorageReference& reference, std::span<const std::byte> bytes,
                std::uint64_t offset) {
  if (!reference.unsupported.empty()) unsupported_type(reference.unsupported);
  if (reference.view_offset > bytes.size() ||
      reference.view_bytes > bytes.size() - reference.view_offset) {
    throw Error(
        {.code = "C011",
         .found =
             fmt::format("storage '{}' has {} bytes", printable(reference.key, 40), bytes.size()),
         .where = {.file = {}, .offset = offset, .item = {}},
         .expected = fmt::format("{} bytes", reference.view_offset + reference.view_bytes)});
  }
  return {.bytes = bytes.subspan(static_cast<std::size_t>(reference.view_offset),
                                 static_cast<std::size_t>(reference.view_bytes)),
          .offset = offset + reference.view_offset,
          .dtype = reference.dtype};
}

Tensor view_of(const Storage& storage, DType dtype, TensorLayout layout) {
  const auto fail = [&](std::string_view found) {
    throw Error({.code = "C011",
                 .found = fmt::format("shape {}: {}", shape_text(layout.shape), found),
                 .where = {.file = {}, .offset = storage.offset, .item = {}},
                 .expected = fmt::format("a view of a storage of {} bytes", storage.bytes.size())});
  };
  const auto is_negative = [](std::int64_t value) { return value < 0; };
  if (layout.shape.size() != layout.strides.size()) fail("another number of strides");
  if (layout.offset < 0 || std::ranges::any_of(layout.shape, is_negative) ||
      std::ranges::any_of(layout.strides, is_negative)) {
    fail("a negative size, stride or offset");
  }
  const std::optional<Extent> extent = extent_of(layout, dtype);
  if (!extent) fail("more elements than any storage has");
  const auto size = static_cast<std::int64_t>(storage.bytes.size());
  if (extent->end > size) fail("its last element is outside the storage");
  // expand() makes views with more elements than the storage has; a small one may be a weight.
  constexpr std::int64_t kSmall = 1 << 20;
  if (extent->bytes > std::max(size, kSmall)) fail("the storage has far fewer elements");
  Tensor tensor{.dtype = dtype,
                .shape = std::move(layout.shape),
                .strides = std::move(layout.strides),
                .data = storage.bytes.data() + extent->begin,
                .owner = nullptr};
  if (tensor.is_contiguous()) tensor.strides.clear();
  return tensor;
}

Tensor read_tensor(const PickleTree& tree, const TensorSpec& spec, const Container& container) {
  if (!spec.unsupported.empty()) unsupported_type(spec.unsupported);
  if (spec.array != kNoNode) return numpy_tensor(tree, spec.array, container);
  if (spec.shape == kNoNode && container.tensor) return container.tensor(tree, spec.storage);
  check_metadata(tree, spec.metadata);
  if (spec.storage == kNoNode || !tree.is(spec.offset, NodeKind::kInt)) {
    malformed_storage("the storage of a tensor");
  }
  const Storage storage = container.storage(tree, spec.storage);
  Tensor tensor = view_of(storage, dtype_of(tree, spec, storage),
                          {tree[spec.offset].integer, numbers(tree, spec.shape, "a shape"),
                           numbers(tree, spec.strides, "the strides of a tensor")});
  tensor.owner = storage.owner != nullptr ? storage.owner : container.owner;
  return tensor;
}

Tensor read_tensor(const PickleTree& tree, NodeId id, const Container& container,
                   std::string_view key) {
  try {
    const TensorSpec spec = tensor_spec(tree, id);
    if (spec.quantiser != kNoNode) unsupported_type("a quantised tensor");
    return read_tensor(tree, spec, container);
  } catch (const Error& error) {
    throw naming(error, key);
  }
}

Error naming(const Error& error, std::string_view key) {
  ErrorParts parts = error.parts();
  if (parts.where.item.empty()) parts.where.item = printable(key);
  return Error(std::move(parts));
}

}  // namespace tv2onnx
