// Inputs and outputs of a file under the names that a caller wants, as torch.onnx.export gives
// them.

#include <fmt/format.h>

#include <set>

#include "bindings.h"
#include "onnx/model.h"
#include "onnx/write.h"
#include "rewrite/edit.h"
#include "tv2onnx/error.h"

namespace tv2onnx::python {
namespace {

/// The first of `ports` get the names, in order.
void choose(const std::vector<OnnxValueInfo>& ports, const std::vector<std::string>& names,
            std::string_view kind, NewNames& chosen) {
  if (names.size() > ports.size()) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} names for {} {}", names.size(), ports.size(), kind)});
  }
  for (std::size_t k = 0; k < names.size(); ++k) chosen[ports[k].name] = names[k];
}

void require_free(const OnnxGraph& graph, const NewNames& chosen) {
  std::set<std::string> taken;
  for (const OnnxNode& node : graph.nodes) taken.insert(node.outputs.begin(), node.outputs.end());
  for (const OnnxTensor& tensor : graph.initializers) taken.insert(tensor.name);
  for (const OnnxValueInfo& input : graph.inputs) taken.insert(input.name);
  for (const auto& [before, after] : chosen) taken.erase(before);
  for (const auto& [before, after] : chosen) {
    if (!after.empty() && taken.insert(after).second) continue;
    throw Error({.code = "U002",
                 .found = fmt::format("'{}' cannot be the name of {}: another value has it", after,
                                      before)});
  }
}

}  // namespace

nb::bytes with_names(const nb::bytes& file, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs) {
  OnnxModel model = parse_onnx_model({static_cast<const std::byte*>(file.data()), file.size()});
  NewNames chosen;
  choose(model.graph.inputs, inputs, "inputs", chosen);
  choose(model.graph.outputs, outputs, "outputs", chosen);
  require_free(model.graph, chosen);
  rename_values(model.graph, chosen);
  return bytes_of(write_onnx(model, WriteOptions{}));
}

}  // namespace tv2onnx::python
