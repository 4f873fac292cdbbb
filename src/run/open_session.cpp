#include "run/open_session.h"

#include <fmt/format.h>

#include <optional>

#include "onnx/growth.h"
#include "onnx/model.h"
#include "tv2onnx/error.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

void refuse_growth(const std::filesystem::path& path) {
  std::optional<Growth> growth;
  OnnxModel model;
  try {
    model = read_onnx_model(path);
    growth = find_growth(model);
  } catch (const Error&) {
    return;  // what the runtime says of it comes first
  }
  if (!growth) return;
  throw Error(
      {.code = "O002",
       .found = fmt::format("constants are put together to {:.2g} elements", growth->elements),
       .where = {.file = path.string(), .item = growth->node->label()},
       .hint = "export the model again, or fetch it from its source"});
}

}  // namespace

Session open_session(const std::filesystem::path& path, const SessionOptions& options) {
  refuse_growth(path);
  try {
    return {path, options};
  } catch (const Error& refused) {
    if (refused.code() != "R002" && refused.code() != "C001") throw;
    read_onnx_summary(path);  // its error says more
    throw;
  }
}

}  // namespace tv2onnx
