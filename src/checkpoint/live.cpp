#include "tv2onnx/live_checkpoint.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "base/text.h"
#include "checkpoint/pickle.h"
#include "checkpoint/storage.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Memory = std::map<std::string_view, std::span<const std::byte>>;

Storage storage_of(const Memory& memory, const PickleTree& tree, NodeId id) {
  const StorageReference reference = storage_reference(tree, id);
  const auto found = memory.find(reference.key);
  if (found == memory.end()) {
    throw Error(
        {.code = "C004",
         .found = fmt::format("there is no memory '{}'", printable(reference.key, 40)),
         .hint = reference.location == "meta" ? "load the weights before (device meta)" : ""});
  }
  return part_of(reference, found->second, 0);
}

void read(std::span<const std::byte> pickle, const Memory& memory, const OpenOptions& options,
          Checkpoint& checkpoint) {
  const PickleResult result = read_pickle(pickle, 0, PickleLimits::for_file(checkpoint.file_size));
  const Container container{
      .storage = [&](const PickleTree& tree, NodeId id) { return storage_of(memory, tree, id); },
      .tensor = {},
      .owner = checkpoint.owner_};
  checkpoint.bytes_ = pickle;  // which bounds what its values may take
  unwrap(result.tree, container, options, checkpoint);
  checkpoint.bytes_ = {};
}

}  // namespace

Checkpoint live_checkpoint(std::span<const std::byte> pickle,
                           const std::vector<NamedMemory>& memory, const std::string& name,
                           std::shared_ptr<const void> owner, const OpenOptions& options) {
  Checkpoint checkpoint;
  checkpoint.file = name;
  checkpoint.format = CheckpointFormat::kPickle;
  checkpoint.description = "objects in memory";
  checkpoint.owner_ = std::move(owner);
  checkpoint.file_size = pickle.size();
  Memory by_key;
  for (const auto& [key, bytes] : memory) {
    by_key.emplace(key, bytes);
    checkpoint.file_size += bytes.size();
  }
  try {
    read(pickle, by_key, options, checkpoint);
  } catch (const Error& error) {
    throw error.in_file(name);
  }
  return checkpoint;
}

}  // namespace tv2onnx
