#include "checkpoint/numpy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/byte_reader.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

template <typename T>
std::optional<T> load(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <typename Stored, typename Plain>
std::optional<Setting> plain(std::string_view bytes) {
  const auto value = load<Stored>(bytes);
  if (!value) return std::nullopt;
  return Setting{static_cast<Plain>(*value)};
}

constexpr auto kNumpyTypes = std::to_array<std::pair<std::string_view, DType>>({
    {"f4", DType::kFloat32},
    {"f8", DType::kFloat64},
    {"f2", DType::kFloat16},
    {"i8", DType::kInt64},
    {"i4", DType::kInt32},
    {"i2", DType::kInt16},
    {"i1", DType::kInt8},
    {"u1", DType::kUInt8},
    {"b1", DType::kBool},
});

/// The element type of an array whose state is (version, shape, dtype, column-major, bytes).
std::optional<DType> array_dtype(const PickleTree& tree, NodeId id) {
  const NodeId dtype = tree.at(tree[id].state, 2);
  if (!tree.is(dtype, NodeKind::kObject) || tree.class_name(dtype) != "numpy.dtype") {
    return std::nullopt;
  }
  if (tree.text_or_empty(tree.at(tree[dtype].state, 1)) == ">") return std::nullopt;
  const std::string_view name = tree.text_or_empty(tree.at(tree[dtype].args, 0));
  const auto row = std::ranges::find(kNumpyTypes, name, &decltype(kNumpyTypes)::value_type::first);
  return row != kNumpyTypes.end() ? std::optional(row->second) : std::nullopt;
}

[[noreturn]] void malformed_array(std::string_view what) {
  throw Error({.code = "P001",
               .found = fmt::format("{} of a numpy array is not what numpy writes", what),
               .hint = "in Python: torch.save({k: torch.from_numpy(v) for k, v in weights.items()}"
                       ", 'weights.pth')"});
}

Shape array_shape(const PickleTree& tree, NodeId id) {
  constexpr std::uint32_t kMaxRank = 64;
  if (!tree.is(id, NodeKind::kTuple) || tree[id].count > kMaxRank) malformed_array("the shape");
  Shape shape;
  tree.each(id, [&](NodeId size) {
    if (!tree.is(size, NodeKind::kInt)) malformed_array("the shape");
    shape.push_back(tree[size].integer);
  });
  return shape;
}

/// In place where the pickle has bytes; protocols 0 to 2 write them as text.
Storage array_storage(const PickleTree& tree, NodeId data) {
  if (tree.is(data, NodeKind::kBytes)) return {.bytes = as_bytes(tree.text(data)), .dtype = {}};
  // Protocols 0 to 2 have no literal for no bytes.
  const std::string_view maker = data != kNoNode ? tree.class_name(data) : "";
  if (maker == "__builtin__.bytes" || maker == "builtins.bytes") return {.bytes = {}, .dtype = {}};
  std::optional<std::string> decoded = data != kNoNode ? pickled_bytes(tree, data) : std::nullopt;
  if (!decoded) malformed_array("the data");
  const auto bytes = std::make_shared<const std::string>(*std::move(decoded));
  return {.bytes = as_bytes(*bytes), .dtype = {}, .owner = bytes};
}

}  // namespace

bool is_numpy_array(const PickleTree& tree, NodeId id) {
  if (!tree.is(id, NodeKind::kObject)) return false;
  const std::string_view maker = tree.class_name(id);
  return (maker == "numpy.core.multiarray._reconstruct" ||
          maker == "numpy._core.multiarray._reconstruct") &&
         array_dtype(tree, id).has_value();
}

Tensor numpy_tensor(const PickleTree& tree, NodeId id, const Container& container) {
  const NodeId state = tree[id].state;
  const NodeId order = tree.at(state, 3);
  const bool column_major = tree.is(order, NodeKind::kBool) && tree[order].integer != 0;
  TensorLayout layout{.shape = array_shape(tree, tree.at(state, 1)), .strides = {}};
  layout.strides.resize(layout.shape.size());
  std::int64_t step = 1;
  for (std::size_t k = 0; k < layout.shape.size(); ++k) {
    const std::size_t axis = column_major ? k : layout.shape.size() - 1 - k;
    layout.strides[axis] = step;
    const std::int64_t size = std::max<std::int64_t>(layout.shape[axis], 1);
    if (__builtin_mul_overflow(step, size, &step)) malformed_array("the shape");
  }
  const Storage storage = array_storage(tree, tree.at(state, 4));
  const DType dtype = array_dtype(tree, id).value_or(DType::kFloat32);
  Tensor tensor = view_of(storage, dtype, std::move(layout));
  tensor.owner = storage.owner != nullptr ? storage.owner : container.owner;
  return tensor;
}

std::optional<std::string> pickled_bytes(const PickleTree& tree, NodeId id) {
  if (tree.is(id, NodeKind::kBytes) || tree.is(id, NodeKind::kText)) {
    return std::string(tree.text(id));
  }
  if (!tree.is(id, NodeKind::kObject) || tree.class_name(id) != "_codecs.encode") {
    return std::nullopt;
  }
  const NodeId text = tree.at(tree[id].args, 0);
  if (!tree.is(text, NodeKind::kText)) return std::nullopt;
  std::string bytes;
  const std::string_view encoded = tree.text(text);
  for (std::size_t k = 0; k < encoded.size(); ++k) {
    const auto lead = static_cast<unsigned char>(encoded[k]);
    if (lead < 0x80) {
      bytes += encoded[k];
    } else if ((lead == 0xC2 || lead == 0xC3) && k + 1 < encoded.size()) {
      const auto tail = static_cast<unsigned char>(encoded[++k]);
      bytes += static_cast<char>(((lead & 3U) << 6) | (tail & 0x3FU));
    } else {
      return std::nullopt;  // beyond Latin-1
    }
  }
  return bytes;
}

std::optional<Setting> numpy_scalar(const PickleTree& tree, NodeId id) {
  const std::string_view maker = tree.class_name(id);
  if (maker != "numpy.core.multiarray.scalar" && maker != "numpy._core.multiarray.scalar") {
    return std::nullopt;
  }
  const NodeId dtype = tree.at(tree[id].args, 0);
  if (!tree.is(dtype, NodeKind::kObject) || tree.class_name(dtype) != "numpy.dtype") {
    return std::nullopt;
  }
  // The state is (version, byte order, ...); numbers of one byte have no order.
  if (tree.text_or_empty(tree.at(tree[dtype].state, 1)) == ">") return std::nullopt;
  const NodeId stored = tree.at(tree[id].args, 1);
  const NodeId text = tree.is(stored, NodeKind::kObject) ? tree.at(tree[stored].args, 0) : stored;
  constexpr std::uint32_t kMostBytes = 16;  // a byte of the number takes up to two of text
  if (text == kNoNode || tree[text].count > kMostBytes) return std::nullopt;
  const std::optional<std::string> bytes = pickled_bytes(tree, stored);
  if (!bytes) return std::nullopt;
  const std::string_view type = tree.text_or_empty(tree.at(tree[dtype].args, 0));
  if (type == "f8") return plain<double, double>(*bytes);
  if (type == "f4") return plain<float, double>(*bytes);
  if (type == "i8") return plain<std::int64_t, std::int64_t>(*bytes);
  if (type == "i4") return plain<std::int32_t, std::int64_t>(*bytes);
  if (type == "u1") return plain<std::uint8_t, std::int64_t>(*bytes);
  if (type == "b1") return plain<std::uint8_t, bool>(*bytes);
  return std::nullopt;
}

}  // namespace tv2onnx
