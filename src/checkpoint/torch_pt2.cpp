#include "checkpoint/torch_pt2.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/byte_reader.h"
#include "base/text.h"
#include "checkpoint/class_names.h"
#include "checkpoint/storage.h"
#include "checkpoint/torch_zip.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr const char* kNote =
    "the archive's graph is not read: the result is that of torchvision's model with these weights";
constexpr std::string_view kConfig = "_weights_config.json";
constexpr std::string_view kFolder = "data/weights/";
constexpr std::string_view kProgram = "serialized_exported_program.json";

/// torch._export.serde.schema.ScalarType
constexpr auto kExportTypes =
    std::to_array<std::pair<std::int64_t, DType>>({{1, DType::kUInt8},
                                                   {2, DType::kInt8},
                                                   {3, DType::kInt16},
                                                   {4, DType::kInt32},
                                                   {5, DType::kInt64},
                                                   {6, DType::kFloat16},
                                                   {7, DType::kFloat32},
                                                   {8, DType::kFloat64},
                                                   {12, DType::kBool},
                                                   {13, DType::kBFloat16}});

[[noreturn]] void malformed_entry(const ZipEntry& entry, std::string_view key) {
  throw Error(
      {.code = "C004",
       .found = fmt::format("'{}' is not described as torch.export writes it", printable(key)),
       .where = {.file = {}, .offset = entry.offset, .item = printable(entry.name)}});
}

/// 3 or {"as_int": 3}
std::optional<std::int64_t> number(const Setting* setting) {
  if (setting == nullptr) return std::nullopt;
  if (setting->dict() != nullptr) setting = setting->find("as_int");
  if (setting == nullptr || setting->integer() == nullptr) return std::nullopt;
  return *setting->integer();
}

std::optional<Shape> numbers(const Setting* setting) {
  constexpr std::size_t kMaxRank = 64;
  if (setting == nullptr || setting->list() == nullptr) return std::nullopt;
  if (setting->list()->size() > kMaxRank) return std::nullopt;
  Shape values;
  for (const Setting& part : *setting->list()) {
    const auto value = number(&part);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

class Weights {
 public:
  /// `folder`: of the archive, with its slash.
  Weights(const ZipArchive& archive, const ZipEntry& config, std::string folder)
      : archive_(archive), config_(config), folder_(std::move(folder)) {}

  Tensor read(std::string_view key, const Setting& entry) const {
    const Setting* path = entry.find("path_name");
    const Setting* pickled = entry.find("use_pickle");
    const Setting* meta = entry.find("tensor_meta");
    if (path == nullptr || path->string() == nullptr || meta == nullptr)
      malformed_entry(config_, key);
    if (pickled != nullptr && pickled->boolean() != nullptr && *pickled->boolean()) {
      throw Error({.code = "C009",
                   .found = "a tensor of another library, which torch.export pickles",
                   .where = {.file = {}, .offset = {}, .item = printable(key)},
                   .hint = "save the weights with torch.save(model.state_dict(), 'weights.pth')"});
    }
    const auto type = number(meta->find("dtype"));
    const auto row = std::ranges::find_if(
        kExportTypes, [&](const auto& known) { return type && known.first == *type; });
    const auto shape = numbers(meta->find("sizes"));
    const auto strides = numbers(meta->find("strides"));
    if (row == kExportTypes.end() || !shape || !strides) malformed_entry(config_, key);
    const ZipEntry& payload = payload_of(*path->string());
    return view_of({.bytes = payload.bytes, .offset = payload.offset, .dtype = row->second},
                   row->second,
                   {number(meta->find("storage_offset")).value_or(0), *shape, *strides});
  }

 private:
  const ZipEntry& payload_of(const std::string& path) const {
    const ZipEntry* payload = archive_.find(folder_ + path);
    if (payload == nullptr) {
      throw Error({.code = "C004",
                   .found = fmt::format("the archive lacks the bytes of '{}'", printable(path)),
                   .hint = "the file was damaged, or saved without data"});
    }
    require_stored(*payload);
    return *payload;
  }

  const ZipArchive& archive_;
  const ZipEntry& config_;
  std::string folder_;
};

Setting parsed(const ZipEntry& config) {
  try {
    return parse_json(as_text(config.bytes));
  } catch (const Error&) {
    malformed_entry(config, "the file");
  }
}

void add_weights(const ZipArchive& archive, const ZipEntry& config, const std::string& prefix,
                 Checkpoint& checkpoint) {
  constexpr std::size_t kMostBytes = 16 << 20;
  require_stored(config);
  if (config.bytes.size() > kMostBytes) malformed_entry(config, "the file");
  const Setting root = parsed(config);
  const Setting* entries = root.find("config");
  if (entries == nullptr || entries->dict() == nullptr) malformed_entry(config, "config");
  const std::string folder(config.name.substr(0, config.name.rfind('/') + 1));
  const Weights weights(archive, config, folder);
  for (const auto& [key, entry] : *entries->dict()) {
    Tensor tensor = weights.read(key, entry);
    tensor.owner = checkpoint.owner_;
    checkpoint.tensors.push_back({prefix + key, std::move(tensor)});
  }
}

/// The file of torch.save that older releases put into the archive, or null.
const ZipEntry* state_dict_in(const ZipArchive& archive) {
  const auto entry = std::ranges::find_if(archive.entries(), [](const ZipEntry& candidate) {
    return candidate.name.ends_with("serialized_state_dict.pt") ||
           (candidate.name.find(kFolder) != std::string_view::npos &&
            candidate.name.ends_with(".pt"));
  });
  return entry != archive.entries().end() ? &*entry : nullptr;
}

/// "model." where the archive has several models.
std::string prefix_of(const ZipEntry& config) {
  std::string_view name = config.name.substr(config.name.rfind('/') + 1);
  name.remove_suffix(kConfig.size());
  return std::string(name) + ".";
}

}  // namespace

bool is_pt2(const ZipArchive& archive) {
  return std::ranges::any_of(archive.entries(), [](const ZipEntry& entry) {
    return entry.name == kProgram || entry.name.ends_with("/" + std::string(kProgram)) ||
           entry.name == "archive_format" || entry.name.ends_with("/archive_format");
  });
}

void read_torch_pt2(const ZipArchive& archive, const OpenOptions& options, Checkpoint& checkpoint) {
  checkpoint.notes.emplace_back(kNote);
  if (const ZipEntry* inside = state_dict_in(archive)) {
    require_stored(*inside);
    const std::span<const std::byte> file = checkpoint.bytes();
    checkpoint.bytes_ = inside->bytes;  // what may be spent on values depends on it
    read_saved_zip(ZipArchive(inside->bytes), options, checkpoint);
    checkpoint.bytes_ = file;
    checkpoint.description = "zip, torch.export.save";
    return;
  }
  checkpoint.description = "zip, torch.export.save";
  std::vector<const ZipEntry*> configs;
  for (const ZipEntry& entry : archive.entries()) {
    if (entry.name.ends_with(kConfig)) configs.push_back(&entry);
  }
  for (const ZipEntry* config : configs) {
    add_weights(archive, *config, configs.size() > 1 ? prefix_of(*config) : "", checkpoint);
  }
  if (checkpoint.tensors.empty()) {
    throw Error({.code = "C010",
                 .found = "the archive of torch.export has no weights of their own: those of "
                          "AOTInductor are inside its library",
                 .hint = "in Python: torch.save(model.state_dict(), 'weights.pth')"});
  }
  require_unique_names(checkpoint, "C004");
  take_model(checkpoint, options.prefix);
  checkpoint.class_lists = find_class_names(checkpoint);
}

}  // namespace tv2onnx
