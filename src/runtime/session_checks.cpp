#include "runtime/session_checks.h"

#include <fmt/format.h>

#include <memory>

#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/external_data.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr int kMostThreads = 4096;  // more than any machine has; the runtime starts all of them

}  // namespace

void require_sound_file(const std::filesystem::path& path) {
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  OnnxModel model;
  try {
    model = parse_onnx_model(file->bytes());
  } catch (const Error&) {
    return;
  }
  check_external_data(model, path);
}

void require_no_external_data(const OnnxModel& model, const std::string& name) {
  const OnnxTensor* outside = external_tensor(model.graph);
  if (outside == nullptr) return;
  const auto location = outside->external.find("location");
  throw Error(
      {.code = "R008",
       .found = fmt::format("the weights of the model are in '{}'",
                            printable(location == outside->external.end() ? "" : location->second)),
       .where = {.file = name, .offset = {}, .item = printable(outside->name)},
       .expected = "a model in memory that has its weights in itself",
       .details = {},
       .hint = "open the model by its path"});
}

void require_possible_threads(int threads) {
  if (threads >= 0 && threads <= kMostThreads) return;
  throw Error({.code = "U002",
               .found = fmt::format("{} threads", threads),
               .where = {.item = "threads"},
               .expected = fmt::format("0 (as many as the machine has) to {}", kMostThreads)});
}

}  // namespace tv2onnx
