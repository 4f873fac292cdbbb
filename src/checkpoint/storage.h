#pragma once
// Storages: the bytes that tensors are views of, and the views.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checkpoint/pickle_tree.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

struct Storage {
  std::span<const std::byte> bytes;
  std::uint64_t offset = 0;    ///< of the bytes in the file
  std::optional<DType> dtype;  ///< none: untyped, the tensor says it
};

/// What a persistent id of torch.save says:
/// ("storage", class, key, location, elements[, (view key, offset, elements)]).
struct StorageReference {
  std::string key;
  std::string location;
  std::optional<DType> dtype;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> view_offset;  ///< in bytes; legacy views into a storage
  std::uint64_t view_bytes = 0;
};
/// \throws Error P001, C009.
StorageReference storage_reference(const PickleTree& tree, NodeId persistent);

/// Type of the elements of a storage class ("torch.cuda.FloatStorage"); null if untyped.
/// \throws Error C009.
std::optional<DType> storage_dtype(std::string_view storage_class);

/// A tensor as it is written: numbers that are not checked yet.
struct Layout {
  std::int64_t offset = 0;  ///< in elements
  Shape shape;
  Shape strides;
};
/// The view, checked against the storage. \throws Error C011.
Tensor view_of(const Storage& storage, DType dtype, Layout layout);

/// What a container knows about the references of its pickle.
struct Container {
  std::function<Storage(const PickleTree&, NodeId)> storage;
  std::function<Tensor(const PickleTree&, NodeId)> tensor;  ///< tar only: tensors outside
  std::shared_ptr<const void> owner;                        ///< keeps the bytes alive
};

/// The tensor a node describes. \throws Error P001, C009, C011; they name `key`.
Tensor read_tensor(const PickleTree& tree, NodeId id, const Container& container,
                   std::string_view key);

}  // namespace tv2onnx
