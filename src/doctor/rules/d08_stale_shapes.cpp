// D08: shapes in the file that contradict the graph.
//
//   an output says [100, 4], but has as many rows as there are detections
//   a value says 480x640, but height and width of the input are open: the shapes were inferred
//   before somebody named the dimensions
//   one value has two different shapes, or shapes are stated for values that do not exist
//
// ONNX Runtime warns; TensorRT, OpenVINO and others believe what is written. Repair: the number of
// rows becomes a symbol, other statements are dropped; nothing needs them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "doctor/rules/rules.h"
#include "rewrite/data_flow.h"

namespace tv2onnx::doctor {
namespace {

using Dims = std::vector<OnnxValueInfo::Dim>;

/// Outputs that state a fixed number of rows and have as many as were found.
std::vector<OnnxValueInfo*> fixed_rows(const RuleContext& context) {
  std::vector<OnnxValueInfo*> found;
  for (OnnxValueInfo& output : context.view.model().graph.outputs) {
    const bool fixed = output.dims && !output.dims->empty() && output.dims->front().value >= 0;
    if (fixed && is_list_of_found(context.view, output.name)) found.push_back(&output);
  }
  return found;
}

/// Operators whose result has the sides of their first input, up to a stride, so that what is open
/// there is open here.
bool keeps_sides_open(const OnnxNode& node) {
  static constexpr std::array<std::string_view, 19> kOps{
      "Conv",     "Relu",      "Clip",  "HardSigmoid", "HardSwish",   "Sigmoid",
      "Add",      "Sub",       "Mul",   "Div",         "MaxPool",     "BatchNormalization",
      "Identity", "LeakyRelu", "Split", "Squeeze",     "AveragePool", "Unsqueeze",
      "Cast"};
  return std::ranges::count(kOps, node.op) > 0;
}

/// Values of images whose height and width are open because those of an input are.
std::set<std::string_view> open_sides(const View& view) {
  std::set<std::string_view> open;
  for (const OnnxValueInfo& input : view.model().graph.inputs) {
    if (!input.dims || input.dims->size() < 3) continue;
    const Dims& dims = *input.dims;
    if (dims[dims.size() - 2].value < 0 && dims.back().value < 0) open.insert(input.name);
  }
  for (const OnnxNode* node : view.nodes()) {
    const bool kept =
        keeps_sides_open(*node) && !node->inputs.empty() && open.contains(node->input(0));
    if (kept) open.insert(node->outputs.begin(), node->outputs.end());
  }
  return open;
}

bool states_sides(const OnnxValueInfo& info) {
  if (!info.dims || info.dims->size() < 3) return false;
  const Dims& dims = *info.dims;
  return dims[dims.size() - 2].value > 1 && dims.back().value > 1;
}

bool differ(const OnnxValueInfo& a, const OnnxValueInfo& b) {
  if (a.data_type != b.data_type) return true;
  if (!a.dims || !b.dims) return false;
  return !std::ranges::equal(*a.dims, *b.dims, [](const auto& x, const auto& y) {
    return x.value < 0 || y.value < 0 || x.value == y.value;
  });
}

/// Why a statement about a value is wrong; "" if nothing speaks against it.
class Contradictions {
 public:
  explicit Contradictions(const View& view) : view_(view), open_(open_sides(view)) {
    const OnnxGraph& graph = view.model().graph;
    for (const auto* infos : {&graph.inputs, &graph.outputs}) {
      for (const OnnxValueInfo& info : *infos) stated_[info.name] = &info;
    }
    for (const OnnxTensor& tensor : graph.initializers) constants_.insert(tensor.name);
  }

  std::string of(const OnnxValueInfo& info) {
    const auto [other, first] = stated_.emplace(info.name, &info);
    if (!first && differ(*other->second, info)) return "another shape is stated elsewhere";
    const bool exists = view_.producer(info.name) != nullptr || !view_.uses(info.name).empty() ||
                        constants_.contains(info.name) || !first;
    if (!exists) return "there is no such value";
    if (open_.contains(info.name) && states_sides(info)) {
      return fmt::format("says {}x{}, but height and width are open",
                         (*info.dims)[info.dims->size() - 2].value, info.dims->back().value);
    }
    return "";
  }

 private:
  const View& view_;
  std::set<std::string_view> open_;
  std::map<std::string_view, const OnnxValueInfo*> stated_;
  std::set<std::string_view> constants_;
};

std::vector<Finding> examine_stale_shapes(const RuleContext& context) {
  const OnnxGraph& graph = context.view.model().graph;
  Finding finding{.code = "D08",
                  .damage = Damage::kLimit,
                  .what = "shapes written in the file contradict its graph",
                  .evidence = {},
                  .symptom =
                      "ONNX Runtime warns 'Expected shape from model of {..} does not match "
                      "actual shape'; TensorRT and OpenVINO believe the file",
                  .since =
                      "torch.onnx.export without dynamic_axes; shape inference before dims "
                      "were named",
                  .remedy = "open dimensions become symbols, statements about inner values go",
                  .repairable = true};
  for (const OnnxValueInfo* output : fixed_rows(context)) {
    finding.evidence.push_back(fmt::format("output '{}' says {} rows, but has as many as are found",
                                           printable(output->name), output->dims->front().value));
  }
  Contradictions contradictions(context.view);
  for (const OnnxValueInfo& info : graph.value_infos) {
    const std::string why = contradictions.of(info);
    if (!why.empty())
      finding.evidence.push_back(fmt::format("'{}': {}", printable(info.name), why));
  }
  if (finding.evidence.empty()) return {};
  return {finding};
}

void repair_stale_shapes(RuleContext& context) {
  for (OnnxValueInfo* output : fixed_rows(context)) {
    output->dims->front() = {-1, "detections"};
    output->source = {};
  }
  // What follows from a wrong statement is wrong too, and other statements are of no use.
  OnnxGraph& graph = context.view.model().graph;
  Contradictions contradictions(context.view);
  const bool wrong = std::ranges::any_of(graph.value_infos, [&](const OnnxValueInfo& info) {
    return !contradictions.of(info).empty();
  });
  if (wrong) graph.value_infos.clear();
}

}  // namespace

Rule stale_shapes() {
  return {"D08", examine_stale_shapes, repair_stale_shapes};
}

}  // namespace tv2onnx::doctor
