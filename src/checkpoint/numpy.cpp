#include "checkpoint/numpy.h"

#include <cstring>

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

}  // namespace

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
