#include "rewrite/splice.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "onnx/lower.h"
#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

/// The opset whose operators a repair of the model uses. What is outside our range differs in none
/// of them.
int opset_for(const OnnxModel& model) {
  return static_cast<int>(std::clamp<std::int64_t>(model.opset(), kMinOpset, kMaxOpset));
}

}  // namespace

std::vector<std::string> splice(View& view, const OnnxNode& before, OnnxGraph fragment,
                                const std::vector<std::string>& inputs, std::string_view prefix) {
  NewNames names;
  const auto fresh = [&](const std::string& name) {
    return view.fresh_name(fmt::format("{}{}", prefix, name));
  };
  for (std::size_t k = 0; k < inputs.size(); ++k) names[fragment.inputs[k].name] = inputs[k];
  for (const OnnxTensor& tensor : fragment.initializers) names[tensor.name] = fresh(tensor.name);
  for (OnnxNode& node : fragment.nodes) {
    for (const std::string& output : node.outputs) {
      if (!output.empty()) names[output] = fresh(output);
    }
    // A node without a rename of its output has the output's name.
    const auto same = names.find(node.name);
    node.name = same != names.end() ? same->second : fresh(node.name);
  }
  rename_values(fragment, names);
  for (OnnxTensor& tensor : fragment.initializers) view.add_initializer(std::move(tensor));
  view.insert(before, std::move(fragment.nodes));
  std::vector<std::string> outputs;
  for (const OnnxValueInfo& output : fragment.outputs) outputs.push_back(output.name);
  return outputs;
}

std::string insert_before(View& view, const OnnxNode& before, const std::string& name,
                          const std::vector<Binding>& inputs, const BuildFragment& build) {
  Graph graph(opset_for(view.model()));
  std::vector<Value> values;
  std::vector<std::string> names;
  for (const Binding& input : inputs) {
    const std::string port = fmt::format("input{}", values.size());
    values.push_back(input.dims ? graph.add_input(port, input.dtype, *input.dims)
                                : graph.add_input(port, input.dtype));
    names.push_back(input.value);
  }
  graph.add_output(build(graph, values), name, {});
  return splice(view, before, lower_fragment(graph), names, "doctor/").front();
}

}  // namespace tv2onnx
