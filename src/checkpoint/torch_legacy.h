#pragma once
// What torch.save wrote from 0.1.10 to 1.5 (and later on request): pickles and raw bytes in a row.
//
//   pickle: magic number 0x1950a86a20f9469cfc6c
//   pickle: protocol version, 1001
//   pickle: {"protocol_version", "little_endian", "type_sizes"}
//   pickle: the object, tensors by reference to storages
//   pickle: the keys of the storages, in the order of what follows
//   per storage: number of elements (int64), elements

#include <map>
#include <span>
#include <string>

#include "base/byte_reader.h"
#include "checkpoint/pickle.h"
#include "checkpoint/storage.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// A legacy stream taken apart.
class LegacyStream {
 public:
  /// `bytes` lie at `offset` of the file. \throws Error.
  LegacyStream(std::span<const std::byte> bytes, std::uint64_t offset, const PickleLimits& limits);

  const PickleTree& tree() const { return tree_; }
  /// The storage that a node of a tree refers to. \throws Error P001, C009, C011.
  Storage storage(const PickleTree& tree, NodeId id) const;

 private:
  struct Piece {
    std::span<const std::byte> bytes;
    std::uint64_t offset = 0;
    std::uint64_t width = 0;  ///< bytes of an element
  };
  void find_references();
  void read_storages(const PickleTree& keys, ByteReader& reader);

  PickleTree tree_;
  std::map<std::string, Piece> pieces_;
};

/// Both legacy formats say how the machine stored numbers. \throws Error C008 (big-endian).
void check_sys_info(const PickleTree& info, std::uint64_t offset);

/// Reads `checkpoint.bytes()`. \throws Error.
void read_torch_legacy(Checkpoint& checkpoint, const OpenOptions& options);

}  // namespace tv2onnx
