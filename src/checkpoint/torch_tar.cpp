#include "checkpoint/torch_tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/byte_reader.h"
#include "base/text.h"
#include "checkpoint/pickle.h"
#include "checkpoint/plain.h"
#include "checkpoint/storage.h"
#include "checkpoint/tar.h"
#include "checkpoint/torch_legacy.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kMostObjects = 100'000;
constexpr PickleLimits kSmallPickle{.nodes = 1000, .cells = 1000, .stack = 1000};

/// A storage and the class it was saved as.
struct Stored {
  StorageReference type;
  Storage storage;
};

class TarCheckpoint {
 public:
  explicit TarCheckpoint(std::span<const std::byte> file)
      : members_(read_tar(file)), limits_(PickleLimits::for_file(file.size())) {
    ByteReader info = open("sys_info");
    check_sys_info(next_pickle(info, kSmallPickle), member("sys_info").offset);
    read_storages();
    read_tensors();
  }

  PickleTree object() const {
    ByteReader reader = open("pickle");
    return next_pickle(reader, limits_);
  }

  Tensor tensor(const PickleTree& tree, NodeId persistent) const {
    const std::string key = key_text(tree, tree[persistent].args);
    const auto found = tensors_.find(key);
    if (found == tensors_.end())
      damaged(fmt::format("tensor {} is missing", printable(key, 40)), 0);
    if (!found->second.storage->type.unsupported.empty()) {
      part_of(found->second.storage->type, {}, 0);  // says what is not supported
    }
    return view_of(found->second.storage->storage, *found->second.storage->type.dtype,
                   found->second.layout);
  }

 private:
  struct Entry {
    const Stored* storage;
    TensorLayout layout;
  };

  [[noreturn]] static void damaged(std::string found, std::uint64_t offset) {
    throw Error({.code = "C006",
                 .found = std::move(found),
                 .where = {.file = {}, .offset = offset, .item = {}},
                 .expected = "the tar archive of torch.save before 0.1.10"});
  }

  const TarMember& member(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &TarMember::name);
    if (found == members_.end()) damaged(fmt::format("there is no member '{}'", name), 0);
    return *found;
  }

  ByteReader open(std::string_view name) const {
    const TarMember& file = member(name);
    return {file.bytes, file.offset, "C002"};
  }

  static std::int64_t read_count(ByteReader& reader) {
    const std::uint64_t offset = reader.file_offset();
    const PickleTree tree = next_pickle(reader, kSmallPickle);
    const bool is_count = tree.is(tree.root, NodeKind::kInt);
    const std::int64_t count = is_count ? tree[tree.root].integer : -1;
    if (count < 0 || count > kMostObjects) damaged("a number of objects is missing", offset);
    return count;
  }

  void read_storages() {
    ByteReader reader = open("storages");
    for (std::int64_t left = read_count(reader); left > 0; --left) read_storage(reader);
    const std::uint64_t offset = reader.file_offset();
    const PickleTree views = next_pickle(reader, limits_);
    if (!views.is(views.root, NodeKind::kList)) damaged("the list of views is missing", offset);
    views.each(views.root, [&](NodeId view) { add_view(views, view, offset); });
  }

  void read_storage(ByteReader& reader) {
    const std::uint64_t offset = reader.file_offset();
    const PickleTree tree = next_pickle(reader, kSmallPickle);
    const NodeId key = tree.at(tree.root, 0);
    if (key == kNoNode) damaged("a storage has no key", offset);
    Stored stored;
    set_storage_class(stored.type, tree.class_name(tree.at(tree.root, 2)));
    const auto count = reader.number<std::uint64_t>("the size of a storage");
    if (count > reader.remaining() / stored.type.width) {
      damaged(fmt::format("a storage announces {} elements, {} bytes are left", count,
                          reader.remaining()),
              offset);
    }
    stored.storage.offset = reader.file_offset();
    stored.storage.bytes = reader.take(count * stored.type.width, "a storage");
    add(key_text(tree, key), stored, offset);
  }

  void add_view(const PickleTree& views, NodeId view, std::uint64_t offset) {
    const NodeId key = views.at(view, 0);
    const NodeId root = views.at(view, 1);
    const NodeId first = views.at(view, 2);
    const NodeId count = views.at(view, 3);
    const auto whole = root != kNoNode ? storages_.find(key_text(views, root)) : storages_.end();
    if (whole == storages_.end() || !views.is(first, NodeKind::kInt) ||
        !views.is(count, NodeKind::kInt)) {
      damaged("a view shows no storage", offset);
    }
    Stored part = whole->second;
    const std::uint64_t most = part.storage.bytes.size() / part.type.width;
    const auto begin = static_cast<std::uint64_t>(views[first].integer);
    const auto size = static_cast<std::uint64_t>(views[count].integer);
    if (begin > most || size > most - begin) damaged("a view is outside its storage", offset);
    part.storage.offset += begin * part.type.width;
    part.storage.bytes =
        part.storage.bytes.subspan(begin * part.type.width, size * part.type.width);
    add(key_text(views, key), part, offset);
  }

  void add(std::string key, const Stored& stored, std::uint64_t offset) {
    if (storages_.size() >= static_cast<std::size_t>(kMostObjects)) {
      damaged("too many storages", offset);
    }
    if (!storages_.try_emplace(std::move(key), stored).second) {
      damaged("two storages have the same key", offset);
    }
  }

  void read_tensors() {
    ByteReader reader = open("tensors");
    for (std::int64_t left = read_count(reader); left > 0; --left) read_tensor_entry(reader);
  }

  void read_tensor_entry(ByteReader& reader) {
    constexpr std::int32_t kMaxRank = 64;
    const std::uint64_t offset = reader.file_offset();
    const PickleTree tree = next_pickle(reader, kSmallPickle);
    const NodeId key = tree.at(tree.root, 0);
    const NodeId storage_key = tree.at(tree.root, 1);
    if (key == kNoNode || storage_key == kNoNode) damaged("a tensor has no key", offset);
    const auto storage = storages_.find(key_text(tree, storage_key));
    if (storage == storages_.end()) damaged("a tensor has no storage", offset);
    const auto rank = reader.number<std::int32_t>("a tensor");
    if (rank < 0 || rank > kMaxRank) damaged(fmt::format("a tensor of rank {}", rank), offset);
    reader.take(4, "a tensor");
    TensorLayout layout;
    for (Shape* numbers : {&layout.shape, &layout.strides}) {
      for (std::int32_t axis = 0; axis < rank; ++axis) {
        numbers->push_back(reader.number<std::int64_t>("a tensor"));
      }
    }
    layout.offset = reader.number<std::int64_t>("a tensor");
    if (!tensors_.try_emplace(key_text(tree, key), Entry{&storage->second, std::move(layout)})
             .second) {
      damaged("two tensors have the same key", offset);
    }
  }

  std::vector<TarMember> members_;
  PickleLimits limits_;
  std::map<std::string, Stored> storages_;
  std::map<std::string, Entry> tensors_;
};

}  // namespace

void read_torch_tar(Checkpoint& checkpoint, const OpenOptions& options) {
  checkpoint.description = "tar, torch.save of torch before 0.1.10";
  const TarCheckpoint archive(checkpoint.bytes());
  const PickleTree object = archive.object();
  const Container container{.storage = {},
                            .tensor =
                                [&](const PickleTree& tree, NodeId id) {
                                  Tensor tensor = archive.tensor(tree, id);
                                  tensor.owner = checkpoint.owner_;
                                  return tensor;
                                },
                            .owner = checkpoint.owner_};
  unwrap(object, container, options, checkpoint);
}

}  // namespace tv2onnx
