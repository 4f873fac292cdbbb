#include "onnx/external_data.h"

#include <fmt/format.h>

#include <charconv>

#include "base/mapped_file.h"
#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Files = std::map<std::string, std::shared_ptr<const MappedFile>>;

[[noreturn]] void damaged(const OnnxTensor& tensor, std::string found) {
  throw Error(
      {.code = "O002", .found = std::move(found), .where = {.item = printable(tensor.name)}});
}

std::uint64_t number(const OnnxTensor& tensor, const std::string& key, std::uint64_t otherwise) {
  const auto entry = tensor.external.find(key);
  if (entry == tensor.external.end()) return otherwise;
  std::uint64_t value = 0;
  const char* end = entry->second.data() + entry->second.size();
  const auto result = std::from_chars(entry->second.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) {
    damaged(tensor, fmt::format("{} of external data is not a number", key));
  }
  return value;
}

/// Only files below the model's folder: a path that leads out of it has no business in a model.
std::filesystem::path place_of(const OnnxTensor& tensor, const std::filesystem::path& folder) {
  const auto entry = tensor.external.find("location");
  const std::filesystem::path location = entry != tensor.external.end() ? entry->second : "";
  const std::filesystem::path relative = location.lexically_normal();
  if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
    damaged(tensor, "external data outside the folder of the model");
  }
  return folder / relative;
}

void load(OnnxTensor& tensor, const std::filesystem::path& folder, Files& files) {
  const std::filesystem::path path = place_of(tensor, folder);
  std::shared_ptr<const MappedFile>& file = files[path.string()];
  if (file == nullptr) file = MappedFile::open(path);
  const std::span<const std::byte> all = file->bytes();
  const std::uint64_t offset = number(tensor, "offset", 0);
  if (offset > all.size()) damaged(tensor, "external data beyond the end of their file");
  const std::uint64_t length = number(tensor, "length", all.size() - offset);
  if (length > all.size() - offset) {
    throw Error({.code = "C002",
                 .found = fmt::format("{} of external data are missing",
                                      size_text(length - (all.size() - offset))),
                 .where = {.file = path.string(), .item = printable(tensor.name)}});
  }
  tensor.bytes = all.subspan(offset, length);
  tensor.owner = file;
  tensor.external.clear();
  tensor.source = {};
}

}  // namespace

void load_external_data(OnnxModel& model, const std::filesystem::path& folder) {
  Files files;
  for (OnnxTensor& tensor : model.graph.initializers) {
    if (!tensor.external.empty()) load(tensor, folder, files);
  }
}

const OnnxTensor* external_tensor(const OnnxGraph& graph) {
  for (const OnnxTensor& tensor : graph.initializers) {
    if (!tensor.external.empty()) return &tensor;
  }
  for (const OnnxNode& node : graph.nodes) {
    for (const OnnxAttribute& attribute : node.attributes) {
      if (attribute.tensor && !attribute.tensor->external.empty()) return &*attribute.tensor;
      for (const auto& nested : attribute.graphs) {
        if (const OnnxTensor* found = external_tensor(*nested)) return found;
      }
    }
  }
  return nullptr;
}

}  // namespace tv2onnx
