#include "onnx/external_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/schema.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorCode code, const OnnxTensor& tensor, std::string found,
                       std::string hint = "") {
  throw Error({.code = code,
               .found = std::move(found),
               .where = {.item = printable(tensor.name)},
               .hint = std::move(hint)});
}

std::uint64_t number(const OnnxTensor& tensor, const char* key, std::uint64_t otherwise) {
  const auto entry = tensor.external.find(key);
  if (entry == tensor.external.end()) return otherwise;
  std::uint64_t value = 0;
  const char* end = entry->second.data() + entry->second.size();
  const auto result = std::from_chars(entry->second.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) {
    fail("O002", tensor, fmt::format("the {} of external data is no number", key));
  }
  return value;
}

/// Bytes that type and shape of the tensor take.
std::uint64_t size_of(const OnnxTensor& tensor) {
  const std::optional<std::uint64_t> count = tensor.element_count();
  const std::uint64_t bits = schema::data_type_bits(tensor.data_type);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() - 7;
  if (!count || bits == 0 || *count > kMost / bits) {
    fail("O002", tensor,
         fmt::format("external data of type {} and shape {}",
                     schema::data_type_name(tensor.data_type), shape_text(tensor.dims)));
  }
  return (*count * bits + 7) / 8;
}

/// Whether the path, whose links are resolved, is below the folder.
bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::ranges::mismatch(folder, path);
  return end == folder.end();
}

/// Calls visit(tensor) for every tensor that lies in another file, nested graphs included, until it
/// says that this was enough, which is the result.
template <typename Visit>
bool visit_external(const OnnxGraph& graph, Visit visit) {
  const auto enough = [&](const OnnxTensor& tensor) {
    return !tensor.external.empty() && visit(tensor);
  };
  if (std::ranges::any_of(graph.initializers, enough)) return true;
  for (const OnnxNode& node : graph.nodes) {
    for (const OnnxAttribute& attribute : node.attributes) {
      if (attribute.tensor && enough(*attribute.tensor)) return true;
      for (const auto& nested : attribute.graphs) {
        if (visit_external(*nested, visit)) return true;
      }
    }
  }
  return false;
}

}  // namespace

const ExternalFiles::File& ExternalFiles::file_at(const std::string& location,
                                                  const OnnxTensor& tensor) {
  const auto [entry, is_new] = files_.try_emplace(location);
  File& file = entry->second;
  if (!is_new && !file.path.empty()) return file;
  const fs::path relative = fs::path(location).lexically_normal();
  const std::string shown = printable(location);
  if (relative.empty() || relative.has_root_path() || *relative.begin() == "..") {
    fail("O002", tensor, fmt::format("'{}' is outside the folder of the model", shown));
  }
  std::error_code problem;
  const fs::path folder = fs::weakly_canonical(fs::absolute(model_).parent_path(), problem);
  const fs::path path = problem ? fs::path() : fs::canonical(folder / relative, problem);
  if (problem) {
    fail("C001", tensor, fmt::format("'{}' is missing: {}", shown, problem.message()),
         "put it beside the model");
  }
  const fs::path behind_link = fs::weakly_canonical(fs::absolute(model_), problem).parent_path();
  if (!is_below(path, folder) && !is_below(path, behind_link)) {
    fail("O002", tensor, fmt::format("'{}' is a link out of the folder of the model", shown));
  }
  const std::uint64_t size = fs::is_regular_file(path, problem) ? fs::file_size(path, problem) : 0;
  if (problem || !fs::is_regular_file(path, problem)) {
    fail("O002", tensor, fmt::format("'{}' is no ordinary file", shown));
  }
  file = {path, size};
  return file;
}

ExternalPlace ExternalFiles::place_of(const OnnxTensor& tensor) {
  const auto location = tensor.external.find("location");
  if (location == tensor.external.end()) fail("O002", tensor, "external data in no named file");
  const File& file = file_at(location->second, tensor);
  const std::uint64_t needed = size_of(tensor);
  const std::uint64_t offset = number(tensor, "offset", 0);
  const std::uint64_t length = number(tensor, "length", needed);
  if (length != needed) {
    fail("O002", tensor,
         fmt::format("{} of external data for type {} and shape {}", size_text(length),
                     schema::data_type_name(tensor.data_type), shape_text(tensor.dims)));
  }
  if (offset > file.size || length > file.size - offset) {
    fail("C002", tensor,
         fmt::format("'{}' has {}, of which {} from byte {} on are needed",
                     printable(location->second), size_text(file.size), size_text(length), offset),
         "fetch the file again");
  }
  return {file.path, offset, length};
}

void load_external_data(OnnxModel& model, const fs::path& path) {
  ExternalFiles files(path);
  std::map<fs::path, std::shared_ptr<const MappedFile>> mapped;
  for (OnnxTensor& tensor : model.graph.initializers) {
    if (tensor.external.empty()) continue;
    const ExternalPlace place = files.place_of(tensor);
    std::shared_ptr<const MappedFile>& file = mapped[place.file];
    if (file == nullptr && place.length > 0) file = MappedFile::open(place.file);
    if (file != nullptr) tensor.bytes = file->bytes().subspan(place.offset, place.length);
    tensor.owner = file;
    tensor.external.clear();
    tensor.source = {};
  }
}

const OnnxTensor* external_tensor(const OnnxGraph& graph) {
  const OnnxTensor* first = nullptr;
  visit_external(graph, [&](const OnnxTensor& tensor) {
    first = &tensor;
    return true;
  });
  return first;
}

std::vector<fs::path> external_files(const fs::path& model) {
  std::set<fs::path> files;
  visit_external(read_onnx_model(model).graph, [&](const OnnxTensor& tensor) {
    const auto location = tensor.external.find("location");
    if (location != tensor.external.end()) files.insert(model.parent_path() / location->second);
    return false;
  });
  return {files.begin(), files.end()};
}

void check_external_data(const OnnxModel& model, const fs::path& path) {
  ExternalFiles files(path);
  try {
    visit_external(model.graph, [&](const OnnxTensor& tensor) {
      files.place_of(tensor);
      return false;
    });
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

}  // namespace tv2onnx
