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
#include "checkpoint/tensor_spec.h"
#include "tv2onnx/error.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

struct Storage {
  std::span<const std::byte> bytes;
  std::uint64_t offset = 0;                ///< of the bytes in the file
  std::optional<DType> dtype;              ///< none: untyped, the tensor says it
  std::shared_ptr<const void> owner = {};  ///< if the bytes are not those of the container
};

/// What a persistent id of torch.save says:
/// ("storage", class, key, location, elements[, (view key, offset, elements)]).
struct StorageReference {
  std::string key;
  std::string location;
  std::optional<DType> dtype;    ///< none: untyped or not supported
  std::string_view unsupported;  ///< class of a storage that tensors cannot be read from
  std::uint64_t width = 1;       ///< bytes of an element
  std::uint64_t bytes = 0;
  std::uint64_t view_offset = 0;  ///< in bytes; legacy references show parts of storages
  std::uint64_t view_bytes = 0;
};
/// \throws Error P001.
StorageReference storage_reference(const PickleTree& tree, NodeId persistent);
/// Element type and width of a storage class ("torch.cuda.FloatStorage"), into `reference`.
/// \throws Error P001, C009 (a class that is not known at all).
void set_storage_class(StorageReference& reference, std::string_view storage_class);
/// The referenced part of a storage's bytes. \throws Error C009, C011.
Storage part_of(const StorageReference& reference, std::span<const std::byte> bytes,
                std::uint64_t offset);

/// A tensor as it is written: numbers that are not checked yet.
struct TensorLayout {
  std::int64_t offset = 0;  ///< in elements
  Shape shape;
  Shape strides;
};
/// The view, checked against the storage. \throws Error C011.
Tensor view_of(const Storage& storage, DType dtype, TensorLayout layout);

/// What a container knows about the references of its pickle.
struct Container {
  std::function<Storage(const PickleTree&, NodeId)> storage;
  std::function<Tensor(const PickleTree&, NodeId)> tensor;  ///< tar only: tensors outside
  std::shared_ptr<const void> owner;                        ///< keeps the bytes alive
};

/// The tensor a node describes. \throws Error P001, C009, C011; they name `key`.
Tensor read_tensor(const PickleTree& tree, NodeId id, const Container& container,
                   std::string_view key);

/// The same of its parts; the error names nothing. Of a quantised one the integers.
Tensor read_tensor(const PickleTree& tree, const TensorSpec& spec, const Container& container);
/// The error with `key`, unless it names something already.
Error naming(const Error& error, std::string_view key);

}  // namespace tv2onnx
