// Reading what scripts/record_reference.py writes.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/text.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"
#include "tv2onnx/verify.h"
#include "verify/recorded_detections.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kInput = "/input";

ReferenceCase read_case(const Checkpoint& file, const std::string& name) {
  const std::string input = name + std::string(kInput);
  ReferenceCase result{.name = name,
                       .input = recorded_array(file, input),
                       .images = {},
                       .skipped = "",
                       .failure = ""};
  const Shape& shape = result.input.shape;
  const bool images = result.input.dtype == DType::kUInt8 || result.input.dtype == DType::kFloat32;
  if (!images || shape.size() != 4 || result.input.size() == 0) {
    refuse_array(file,
                 fmt::format("images of type {} and shape {}", dtype_name(result.input.dtype),
                             shape_text(shape)),
                 input,
                 "uint8 [n,height,width,channels] or float32 [n,channels,height,width], not empty");
  }
  for (std::int64_t k = 0; k < shape[0]; ++k) {
    const std::string image = fmt::format("{}/{}", name, k);
    ReferenceImage& entry = result.images.emplace_back();
    entry.detections = recorded_detections(file, image, DType::kFloat32);
    if (file.find(image + "/boxes64") != nullptr) {
      entry.precise = recorded_detections(file, image, DType::kFloat64);
    }
    const std::string unsettled = image + "/unsettled";
    if (file.find(unsettled + "/boxes") != nullptr) {
      entry.unsettled = recorded_detections(file, unsettled, DType::kFloat32);
    }
  }
  return result;
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
  const Setting listed = parse_json(order->second);
  const SettingList none;
  const SettingList& list = listed.list() != nullptr ? *listed.list() : none;
  const auto place = [&](const std::string& name) {
    return std::ranges::find(list, Setting{name}) - list.begin();
  };
  std::ranges::stable_sort(names, {}, place);
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
  std::array<char, 9> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  return start[0] == 0x08 && start[8] != '{';
}

}  // namespace

ReferenceKind reference_kind(const std::filesystem::path& path) {
  if (looks_like_onnx(path)) return ReferenceKind::kOnnx;
  return is_reference(open_checkpoint(path)) ? ReferenceKind::kRecorded
                                             : ReferenceKind::kCheckpoint;
}

Reference read_reference(const std::filesystem::path& path) {
  const Checkpoint file = open_checkpoint(path);
  if (!is_reference(file)) {
    throw Error({.code = "V001",
                 .found = "the file holds no recorded results",
                 .where = {.file = path.string()},
                 .expected = "safetensors with CASE/input, CASE/0/boxes, ...",
                 .hint = "scripts/record_reference.py records one in PyTorch"});
  }
  Reference reference{.source = path.string(), .cases = {}, .metadata = {}};
  for (const auto& [key, value] : file.extras) {
    if (value.string() != nullptr) reference.metadata[key] = *value.string();
  }
  for (const std::string& name : case_names(file, reference)) {
    reference.cases.push_back(read_case(file, name));
  }
  return reference;
}

}  // namespace tv2onnx
