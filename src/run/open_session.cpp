#include "run/open_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "onnx/growth.h"
#include "onnx/model.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

/// A file that would take all memory while it is loaded is not loaded.
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

/// What a value declares; of a type that no tensor has it is no image.
PortInfo port_of(const OnnxValue& value) {
  constexpr auto kTypes = std::to_array<DType>(
      {DType::kFloat32, DType::kFloat64, DType::kFloat16, DType::kBFloat16, DType::kInt8,
       DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8, DType::kBool});
  const auto type = std::ranges::find(kTypes, value.type, onnx_name);
  PortInfo port{value.name, type != kTypes.end() ? *type : DType::kBool, {}, {}};
  for (const std::string& dim : value.dims) {
    std::int64_t number = -1;
    const auto [end, problem] = std::from_chars(dim.data(), dim.data() + dim.size(), number);
    const bool whole = problem == std::errc() && end == dim.data() + dim.size();
    port.shape.push_back(whole ? number : -1);
    port.symbols.push_back(whole ? "" : dim);
  }
  return port;
}

std::vector<PortInfo> ports_of(const std::vector<OnnxValue>& values) {
  std::vector<PortInfo> ports;
  for (const OnnxValue& value : values) ports.push_back(port_of(value));
  return ports;
}

}  // namespace

Task task_of_file(const std::filesystem::path& model) {
  const OnnxSummary summary = read_onnx_summary(model);
  return read_contract({summary.metadata, ports_of(summary.inputs), ports_of(summary.outputs)})
      .task;
}

/// What is no ONNX file (a checkpoint, a folder, a pointer of Git LFS) is named, where the runtime
/// knows only that it cannot parse it.
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
