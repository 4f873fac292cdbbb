#include "export/backbone_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "export/backbone_facts.h"
#include "onnx/external_data.h"
#include "onnx/schema.h"
#include "rewrite/check.h"
#include "rewrite/edit.h"
#include "rewrite/view.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr const char* kWrittenByScript =
    "scripts/export_backbone.py writes files as they are needed here";

[[noreturn]] void refuse_file(std::string found, std::string item, std::string expected,
                              std::string hint = kWrittenByScript) {
  throw Error({.code = "W007",
               .found = std::move(found),
               .where = {.item = std::move(item)},
               .expected = std::move(expected),
               .hint = std::move(hint)});
}

OnnxModel read_file(const BackboneFile& file) {
  if (!file.bytes.empty()) return parse_onnx_model(file.bytes);
  OnnxModel model = read_onnx_model(file.path);
  load_external_data(model, file.path);
  return model;
}

/// An input of old files that a weight of the same name is the default of.
void drop_weights_from_inputs(OnnxGraph& graph) {
  std::set<std::string_view> weights;
  for (const OnnxTensor& tensor : graph.initializers) weights.insert(tensor.name);
  std::erase_if(graph.inputs,
                [&](const OnnxValueInfo& input) { return weights.contains(input.name); });
}

void require_form(const OnnxModel& model) {
  if (model.opset() < kMinOpset || model.opset() > kMaxOpset) {
    refuse_file(
        fmt::format("opset {}", model.opset()), "opset",
        fmt::format("{} to {}; the detector's file gets the backbone's", kMinOpset, kMaxOpset),
        fmt::format("torch.onnx.export(..., opset_version={})", kDefaultOpset));
  }
  if (const OnnxTensor* tensor = external_tensor(model.graph)) {
    refuse_file("weights that lie in other files", printable(tensor->name),
                "a file in memory with all of its weights");
  }
  for (const ValueProblem& problem : find_value_problems(model)) {
    refuse_file("a value that is not made once before it is read", printable(problem.value),
                "a sound graph", "tv2onnx doctor BACKBONE.onnx");
  }
}

/// BatchNormalization and Dropout as they are while training. torchvision's Swin Transformer drops
/// in evaluation too, but nothing: a share of 0.
bool is_for_training(const View& view, const OnnxNode& node) {
  if (node.op == "BatchNormalization") return node.integer("training_mode", 0) != 0;
  if (node.op != "Dropout" || node.input(2).empty()) return false;
  return view.number(node.input(2)).value_or(1) != 0 && view.number(node.input(1)).value_or(1) != 0;
}

void require_plain(const View& view, const OnnxNode& node) {
  const std::string label = printable(node.label());
  const bool nested = std::ranges::any_of(
      node.attributes, [](const OnnxAttribute& attribute) { return !attribute.graphs.empty(); });
  if (nested) {
    refuse_file(fmt::format("a node {}: its nested graphs depend on the image", printable(node.op)),
                label, "a graph without If, Loop and Scan");
  }
  if (!node.domain.empty() && node.domain != "ai.onnx") {
    refuse_file(
        fmt::format("a node {} of the domain {}", printable(node.op), printable(node.domain)),
        label, "standard operators only, and no functions");
  }
  if (is_for_training(view, node)) {
    refuse_file("a node as it is while training", label, "the backbone as it is in evaluation",
                "model.eval() before torch.onnx.export");
  }
}

bool is_number(const OnnxValueInfo& port, std::size_t axis) {
  return (*port.dims)[axis].value >= 0;
}

void require_ports(const OnnxGraph& graph) {
  const auto is_image = [](const OnnxValueInfo& port) {
    return port.data_type == schema::data_type(DType::kFloat32) && port.dims &&
           port.dims->size() == 4;
  };
  if (graph.inputs.size() != 1 || !is_image(graph.inputs.front()) ||
      !is_number(graph.inputs.front(), 1)) {
    refuse_file(counted(graph.inputs.size(), "input") + ", or one of another kind", "inputs",
                "one input, float32 [batch, channels, height, width] with a number of channels");
  }
  for (const std::size_t axis : {0U, 2U, 3U}) {
    if (!is_number(graph.inputs.front(), axis)) continue;
    refuse_file(
        fmt::format("the number {} as dimension {} of the input",
                    (*graph.inputs.front().dims)[axis].value, axis),
        printable(graph.inputs.front().name), "symbolic batch, height and width",
        "torch.onnx.export(..., dynamic_axes={'input': {0: 'batch', 2: 'height', 3: 'width'}})");
  }
  std::set<std::string_view> names;
  for (const OnnxValueInfo& output : graph.outputs) {
    const bool rank_fits = !output.dims || output.dims->size() == 4;
    const bool fits = output.data_type == schema::data_type(DType::kFloat32) && rank_fits;
    if (fits && names.insert(output.name).second) continue;
    refuse_file("an output that is no feature map", printable(output.name),
                "float32 [batch, channels, height, width] each, under names of their own");
  }
  if (names.empty()) refuse_file("no outputs", "outputs", "one for each feature map");
}

}  // namespace

ReadBackbone read_backbone(const BackboneFile& file) {
  const std::string name = file.path.empty() ? "the backbone" : file.path.string();
  try {
    ReadBackbone read{.model = read_file(file), .known = {}};
    drop_weights_from_inputs(read.model.graph);
    require_form(read.model);
    const View view(read.model);
    for (const OnnxNode* node : view.nodes()) require_plain(view, *node);
    require_ports(read.model.graph);
    read.known = backbone_facts(view, file);
    read.known.file = name;
    return read;
  } catch (const Error& error) {
    throw error.in_file(name);
  }
}

}  // namespace tv2onnx
