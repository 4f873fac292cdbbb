#include "checkpoint/torch_legacy.h"

#include <fmt/format.h>

#include "base/text.h"
#include "checkpoint/plain.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kProtocol = 1001;

[[noreturn]] void damaged(std::string found, std::uint64_t offset) {
  throw Error({.code = "P001",
               .found = std::move(found),
               .where = {.file = {}, .offset = offset, .item = {}}});
}

}  // namespace

void check_sys_info(const PickleTree& info, std::uint64_t offset) {
  const NodeId little = info.member(info.root, "little_endian");
  if (!info.is(little, NodeKind::kBool)) damaged("the header does not say the byte order", offset);
  if (info[little].integer != 0) return;
  throw Error({.code = "C008",
               .found = "the numbers are big-endian",
               .where = {.file = {}, .offset = offset, .item = {}},
               .expected = "little-endian",
               .hint = "load and save it in Python on a little-endian machine"});
}

LegacyStream::LegacyStream(std::span<const std::byte> bytes, std::uint64_t offset,
                           const PickleLimits& limits)
    : tree_(limits) {
  ByteReader reader(bytes, offset, "C002");
  next_pickle(reader, limits);  // the magic number, by which the format was recognised
  const std::uint64_t protocol_offset = reader.file_offset();
  const PickleTree protocol = next_pickle(reader, limits);
  if (!protocol.is(protocol.root, NodeKind::kInt) || protocol[protocol.root].integer != kProtocol) {
    damaged(fmt::format("the protocol is not {}", kProtocol), protocol_offset);
  }
  const std::uint64_t info_offset = reader.file_offset();
  check_sys_info(next_pickle(reader, limits), info_offset);
  tree_ = next_pickle(reader, limits);
  find_references();
  const PickleTree keys = next_pickle(reader, limits);
  read_storages(keys, reader);
}

void LegacyStream::find_references() {
  for (NodeId id = 0; id < tree_.size(); ++id) {
    if (!tree_.is(id, NodeKind::kPersistent)) continue;
    const StorageReference reference = storage_reference(tree_, id);
    const auto [piece, is_new] =
        pieces_.try_emplace(reference.key, Piece{.bytes = {}, .width = reference.width});
    if (!is_new && piece->second.width != reference.width) {
      damaged(fmt::format("storage '{}' has two element types", printable(reference.key, 40)), 0);
    }
  }
}

void LegacyStream::read_storages(const PickleTree& keys, ByteReader& reader) {
  if (!keys.is(keys.root, NodeKind::kList)) {
    damaged("the list of storages is missing", reader.file_offset());
  }
  keys.each(keys.root, [&](NodeId id) {
    const std::string key = key_text(keys, id);
    const std::string what = fmt::format("storage '{}'", printable(key, 40));
    const auto piece = pieces_.find(key);
    const std::uint64_t offset = reader.file_offset();
    if (piece == pieces_.end()) damaged(what + " is used by no tensor", offset);
    if (piece->second.bytes.data() != nullptr) damaged(what + " is there twice", offset);
    const auto count = reader.number<std::uint64_t>(what);
    if (count > reader.remaining() / piece->second.width) {
      throw Error(
          {.code = "C002",
           .found = fmt::format("{} announces {} elements of {} bytes", what, count,
                                piece->second.width),
           .where = {.file = {}, .offset = offset, .item = {}},
           .expected = fmt::format("at most the {} bytes that are left", reader.remaining()),
           .hint = "the file was cut off; copy or download it again"});
    }
    piece->second.offset = reader.file_offset();
    piece->second.bytes = reader.take(count * piece->second.width, what);
  });
}

Storage LegacyStream::storage(const PickleTree& tree, NodeId id) const {
  const StorageReference reference = storage_reference(tree, id);
  const auto piece = pieces_.find(reference.key);
  if (piece == pieces_.end()) {
    damaged(fmt::format("there are no bytes of storage '{}'", printable(reference.key, 40)), 0);
  }
  return part_of(reference, piece->second.bytes, piece->second.offset);
}

void read_torch_legacy(Checkpoint& checkpoint, const OpenOptions& options) {
  checkpoint.description = "legacy stream, torch.save of torch 0.1.10 to 1.5";
  const LegacyStream stream(checkpoint.bytes(), 0,
                            PickleLimits::for_file(checkpoint.bytes().size()));
  const Container container{
      .storage = [&](const PickleTree& tree, NodeId id) { return stream.storage(tree, id); },
      .tensor = {},
      .owner = checkpoint.owner_};
  unwrap(stream.tree(), container, options, checkpoint);
}

}  // namespace tv2onnx
