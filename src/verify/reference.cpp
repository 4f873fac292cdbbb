// Reading what scripts/record_reference.py writes.

#include <fmt/format.h>

#include <algorithm>

#include "base/mapped_file.h"
#include "base/stable_sort.h"
#include "base/text.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"
#include "tv2onnx/reference.h"
#include "verify/recorded.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kInput = "/input";
constexpr std::string_view kTiedBefore = "unsettled/";  // what version 0.1 calls "tied/"

/// What is recorded under `CASE/K/`.
NamedTensors tensors_below(const Checkpoint& file, const std::string& prefix) {
  NamedTensors tensors;
  for (const NamedTensor& entry : file.tensors) {
    if (!entry.name.starts_with(prefix)) continue;
    std::string name = entry.name.substr(prefix.size());
    if (name.starts_with(kTiedBefore)) name.replace(0, kTiedBefore.size(), "tied/");
    tensors.emplace(std::move(name), entry.tensor);
  }
  return tensors;
}

/// \throws Error V002 unless the tensors are what the task has.
void require_complete(const NamedTensors& tensors, Task task, const Checkpoint& file,
                      const std::string& prefix) {
  if (task != Task::kDetection) return;  // which are looked at where they are compared
  try {
    detections_of(tensors);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    parts.where = {.file = file.file, .item = printable(prefix + parts.where.item)};
    throw Error(std::move(parts));
  }
}

ReferenceCase read_case(const Checkpoint& file, const std::string& name, Task task) {
  ReferenceCase result{.name = name,
                       .input = *file.find(name + std::string(kInput)),
                       .images = {},
                       .skipped = "",
                       .failure = ""};
  require_input(result, file.file);
  // Clips and pairs of images have one answer.
  const bool together = task == Task::kVideo || task == Task::kFlow;
  for (std::int64_t k = 0; k < (together ? 1 : result.input.shape[0]); ++k) {
    const std::string prefix = fmt::format("{}/{}/", name, k);
    result.images.push_back(tensors_below(file, prefix));
    require_complete(result.images.back(), task, file, prefix);
  }
  return result;
}

/// Recordings of version 0.1 are of detectors and do not say so.
Task recorded_task(const Reference& reference) {
  const auto entry = reference.metadata.find("task");
  if (entry == reference.metadata.end()) return Task::kDetection;
  if (const std::optional<Task> task = find_task(entry->second)) return *task;
  throw Error({.code = "V002",
               .found = fmt::format("the task '{}'", printable(entry->second, 40)),
               .where = {.file = reference.source, .item = "task"},
               .hint = "a newer version of tv2onnx may know it"});
}

/// JSON of the metadata. \throws Error V002.
Setting json_in(const std::string& text, const std::string& file, const char* key) {
  try {
    return parse_json(text);
  } catch (const Error& error) {
    throw Error({.code = "V002",
                 .found = "damaged metadata: " + error.parts().found,
                 .where = {.file = file, .item = key},
                 .hint = "record it again with scripts/record_reference.py"});
  }
}

/// The cases in recorded order; `cases` of the metadata has it, as arrays are sorted by type.
std::vector<std::string> case_names(const Checkpoint& file, const Reference& reference) {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : file.tensors) {
    if (tensor.name.ends_with(kInput)) {
      names.push_back(tensor.name.substr(0, tensor.name.size() - kInput.size()));
    }
  }
  const auto order = reference.metadata.find("cases");
  if (order == reference.metadata.end()) return names;
  const Setting listed = json_in(order->second, file.file, "cases");
  const SettingList none;
  const SettingList& list = listed.list() != nullptr ? *listed.list() : none;
  const auto place = [&](const std::string& name) {
    return std::ranges::find(list, Setting{name}) - list.begin();
  };
  sort_stably(names, {}, place);
  return names;
}

bool is_reference(const Checkpoint& file) {
  return file.format == CheckpointFormat::kSafetensors &&
         std::ranges::any_of(
             file.tensors, [](const NamedTensor& tensor) { return tensor.name.ends_with(kInput); });
}

/// ONNX files begin with the field ir_version; a safetensors file whose first byte happens to be
/// the same has its JSON in the ninth.
bool looks_like_onnx(const std::filesystem::path& path) {
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  const auto bytes = file->bytes();
  constexpr std::size_t kBegin = 9;
  return bytes[0] == std::byte{0x08} && (bytes.size() < kBegin || bytes[8] != std::byte{'{'});
}

}  // namespace

void require_input(const ReferenceCase& one, const std::string& source) {
  const Tensor& input = one.input;
  const bool images = input.dtype == DType::kUInt8 || input.dtype == DType::kFloat32;
  const bool readable = input.data != nullptr && input.size() > 0;
  if (images && input.shape.size() == 4 && readable) return;
  throw Error({.code = "V002",
               .found = fmt::format("images of type {} and shape {}", dtype_name(input.dtype),
                                    shape_text(input.shape)),
               .where = {.file = source, .item = printable(one.name + std::string(kInput))},
               .expected = "uint8 [n,height,width,channels] or float32 [n,channels,height,width], "
                           "not empty",
               .hint = "record it again with scripts/record_reference.py"});
}

std::string origin_text(const Reference& reference) {
  if (reference.kind == ReferenceKind::kOnnx) return "ONNX file";
  const auto value = [&](const char* key) {
    const auto entry = reference.metadata.find(key);
    return entry == reference.metadata.end() ? std::string("?") : printable(entry->second, 40);
  };
  const char* how = reference.kind == ReferenceKind::kRecorded ? "recorded in" : "run in";
  return fmt::format("{} torch {}, torchvision {}", how, value("torch"), value("torchvision"));
}

ReferenceKind reference_kind(const std::filesystem::path& path) {
  if (looks_like_onnx(path)) return ReferenceKind::kOnnx;
  return is_reference(open_checkpoint(path)) ? ReferenceKind::kRecorded
                                             : ReferenceKind::kCheckpoint;
}

Reference recorded_reference(const Checkpoint& file) {
  if (!is_reference(file)) {
    throw Error({.code = "V001",
                 .found = "the file holds no recorded results",
                 .where = {.file = file.file},
                 .expected = "safetensors with CASE/input, CASE/0/boxes, ...",
                 .hint = "scripts/record_reference.py records one in PyTorch"});
  }
  Reference reference;
  reference.source = file.file;
  for (const auto& [key, value] : file.extras) {
    if (value.string() != nullptr) reference.metadata[key] = *value.string();
  }
  reference.task = recorded_task(reference);
  for (const std::string& name : case_names(file, reference)) {
    reference.cases.push_back(read_case(file, name, reference.task));
  }
  return reference;
}

Reference read_reference(const std::filesystem::path& path) {
  return recorded_reference(open_checkpoint(path));
}

}  // namespace tv2onnx
