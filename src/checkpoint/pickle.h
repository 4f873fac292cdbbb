#pragma once
// The pickle machine: runs the opcodes of protocol 0 to 5 as far as torch.save of any age writes
// them, and builds a PickleTree. Nothing is imported, looked up or called.

#include <cstdint>
#include <span>

#include "base/byte_reader.h"
#include "checkpoint/pickle_tree.h"

namespace tv2onnx {

struct PickleResult {
  PickleTree tree;
  std::size_t bytes = 0;  ///< length of the pickle, which other data may follow
};

/// Reads the pickle at the start of `bytes`, which must outlive the tree and lie at `offset` of the
/// file. \throws Error P001 (damaged), P002 (limits), P003 (opcode), P004 (an attack).
PickleResult read_pickle(std::span<const std::byte> bytes, std::uint64_t offset,
                         const PickleLimits& limits);

/// The pickle that follows in a stream of several. \throws Error as read_pickle.
PickleTree next_pickle(ByteReader& reader, const PickleLimits& limits);

}  // namespace tv2onnx
