#include "checkpoint/bare_pickle.h"

#include <map>
#include <optional>

#include "base/byte_reader.h"
#include "checkpoint/numpy.h"
#include "checkpoint/pickle.h"
#include "checkpoint/torch_legacy.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

[[noreturn]] void no_storage() {
  throw Error({.code = "P001",
               .found = "a tensor has no bytes in the pickle",
               .expected = "torch.storage._load_from_bytes(...)",
               .hint = "save the weights with torch.save"});
}

class BareStorages {
 public:
  BareStorages(std::span<const std::byte> file, PickleLimits limits)
      : file_(file), limits_(limits) {}

  /// Each is taken apart once, however many tensors share it.
  Storage find(const PickleTree& tree, NodeId id) {
    if (!tree.is(id, NodeKind::kObject) ||
        tree.class_name(id) != "torch.storage._load_from_bytes") {
      no_storage();
    }
    const NodeId argument = tree.at(tree[id].args, 0);
    const bool is_encoded = tree.is(argument, NodeKind::kObject);
    const NodeId text = is_encoded ? tree.at(tree[argument].args, 0) : argument;
    if (!tree.is(text, is_encoded ? NodeKind::kText : NodeKind::kBytes)) no_storage();
    const auto [known, is_new] = known_.try_emplace(tree.text(text).data());
    if (is_new) known->second = is_encoded ? decoded(tree, argument) : in_place(tree.text(text));
    return known->second;
  }

 private:
  Storage in_place(std::string_view text) const {
    return nested(as_bytes(text), static_cast<std::uint64_t>(as_bytes(text).data() - file_.data()));
  }

  /// Protocols 0 to 2 write bytes as text.
  Storage decoded(const PickleTree& tree, NodeId argument) const {
    std::optional<std::string> plain = pickled_bytes(tree, argument);
    if (!plain) no_storage();
    const auto bytes = std::make_shared<const std::string>(*std::move(plain));
    Storage storage = nested(as_bytes(*bytes), 0);
    storage.owner = bytes;
    return storage;
  }

  Storage nested(std::span<const std::byte> bytes, std::uint64_t offset) const {
    const LegacyStream stream(bytes, offset, limits_);
    return stream.storage(stream.tree(), stream.tree().root);
  }

  std::span<const std::byte> file_;
  PickleLimits limits_;
  std::map<const char*, Storage> known_;
};

void refuse_joblib(std::span<const std::byte> file) {
  constexpr std::size_t kStart = 4096;
  const std::string_view start = as_text(file.first(std::min(file.size(), kStart)));
  if (start.find("joblib.numpy_pickle") == std::string_view::npos) return;
  throw Error({.code = "C003",
               .found = "this is a joblib file, as scikit-learn writes",
               .expected = "a file of torch.save, or a safetensors file",
               .hint = "save the weights with torch.save"});
}

}  // namespace

void read_bare_pickle(Checkpoint& checkpoint, const OpenOptions& options) {
  checkpoint.description = "bare pickle, pickle.dump";
  refuse_joblib(checkpoint.bytes());
  const PickleLimits limits = PickleLimits::for_file(checkpoint.bytes().size());
  const PickleResult result = read_pickle(checkpoint.bytes(), 0, limits);
  BareStorages storages(checkpoint.bytes(), limits);
  const Container container{
      .storage = [&](const PickleTree& tree, NodeId id) { return storages.find(tree, id); },
      .tensor = {},
      .owner = checkpoint.owner_};
  unwrap(result.tree, container, options, checkpoint);
}

}  // namespace tv2onnx
