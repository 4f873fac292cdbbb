#include "checkpoint/torch_zip.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "checkpoint/pickle.h"
#include "checkpoint/torch_pt2.h"
#include "checkpoint/torchscript.h"
#include "checkpoint/unwrap.h"
#include "checkpoint/zip.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kPickle = "data.pkl";

/// The archive's folder with its slash: "archive/".
std::string_view folder_of(const ZipArchive& archive) {
  const ZipEntry* pickle = nullptr;
  for (const ZipEntry& entry : archive.entries()) {
    const std::size_t slash = entry.name.find('/');
    const bool in_folder =
        slash != std::string_view::npos && entry.name.substr(slash + 1) == kPickle;
    if (!in_folder && entry.name != kPickle) continue;
    if (pickle != nullptr) {
      throw Error({.code = "C004",
                   .found = "the archive holds two checkpoints",
                   .where = {.file = {}, .offset = entry.offset, .item = printable(entry.name)}});
    }
    pickle = &entry;
  }
  if (pickle != nullptr) return pickle->name.substr(0, pickle->name.size() - kPickle.size());
  std::vector<std::string> names;
  for (const ZipEntry& entry :
       archive.entries().first(std::min<std::size_t>(archive.entries().size(), 5))) {
    names.push_back("has       " + printable(entry.name));
  }
  throw Error({.code = "C003",
               .found = "this is a zip archive, but not one of torch.save: it has no data.pkl",
               .details = std::move(names),
               .hint = "if the checkpoint is inside, unpack the archive first"});
}

/// Before torch 1.1 programs were listed in model.json.
void refuse_old_torchscript(const ZipArchive& archive) {
  for (const ZipEntry& entry : archive.entries()) {
    if (!entry.name.ends_with("/model.json")) continue;
    throw Error(
        {.code = "C005",
         .found = "this is a TorchScript archive (torch.jit.save) of a torch before 1.1",
         .where = {.file = {}, .offset = {}, .item = printable(entry.name)},
         .hint = "in Python: torch.save(torch.jit.load(FILE).state_dict(), 'weights.pth')"});
  }
}

/// torch.jit.save writes programs beside the pickle.
bool is_torchscript(const ZipArchive& archive, std::string_view folder) {
  const std::string code = std::string(folder) + "code/";
  return archive.find(std::string(folder) + "constants.pkl") != nullptr ||
         std::ranges::any_of(archive.entries(),
                             [&](const ZipEntry& entry) { return entry.name.starts_with(code); });
}

void check_byte_order(const ZipArchive& archive, std::string_view folder) {
  const ZipEntry* entry = archive.find(std::string(folder) + "byteorder");
  if (entry == nullptr) return;
  require_stored(*entry);
  const std::string_view order = as_text(entry->bytes);
  if (order == "little") return;
  throw Error({.code = "C008",
               .found = fmt::format("the byte order is '{}'", printable(order, 20)),
               .where = {.file = {}, .offset = entry->offset, .item = printable(entry->name)},
               .expected = "'little'",
               .hint = "load and save it in Python on a little-endian machine"});
}

Storage storage_of(const ZipArchive& archive, std::string_view folder, const PickleTree& tree,
                   NodeId id) {
  const StorageReference reference = storage_reference(tree, id);
  const ZipEntry* entry = archive.find(fmt::format("{}data/{}", folder, reference.key));
  if (entry == nullptr) {
    throw Error({.code = "C004",
                 .found = fmt::format("the archive lacks the bytes of storage '{}'",
                                      printable(reference.key, 40)),
                 .hint = reference.location == "meta"
                             ? "the model was saved before its weights were loaded (device meta)"
                             : "the file was damaged, or saved without data"});
  }
  require_stored(*entry);
  return part_of(reference, entry->bytes, entry->offset);
}

}  // namespace

void read_torch_zip(Checkpoint& checkpoint, const OpenOptions& options) {
  checkpoint.description = "zip, torch.save of torch >= 1.6";
  const ZipArchive archive(checkpoint.bytes());
  if (is_pt2(archive)) return read_torch_pt2(archive, options, checkpoint);
  read_saved_zip(archive, options, checkpoint);
}

void read_saved_zip(const ZipArchive& archive, const OpenOptions& options, Checkpoint& checkpoint) {
  refuse_old_torchscript(archive);
  const std::string_view folder = folder_of(archive);
  check_byte_order(archive, folder);
  const ZipEntry& pickle = *archive.find(std::string(folder) + std::string(kPickle));
  require_stored(pickle);
  check_crc(pickle);
  const PickleResult result =
      read_pickle(pickle.bytes, pickle.offset, PickleLimits::for_file(checkpoint.bytes().size()));
  const Container container{
      .storage = [&](const PickleTree& tree,
                     NodeId id) { return storage_of(archive, folder, tree, id); },
      .tensor = {},
      .owner = checkpoint.owner_};
  if (is_torchscript(archive, folder)) {
    ScriptConstants constants(archive, std::string(folder));
    checkpoint.description = "zip, torch.jit.save";
    unwrap_script(result.tree, container, constants, options, checkpoint);
  } else {
    unwrap(result.tree, container, options, checkpoint);
  }
}

}  // namespace tv2onnx
