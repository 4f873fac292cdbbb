#include "doctor/rank.h"

#include <algorithm>
#include <array>

namespace tv2onnx::doctor {
namespace {

using Rank = std::optional<std::int64_t>;

constexpr int kMostRankedValues = 256;  // looked at; against cycles and growth in damaged files

/// Operators whose result has the rank of their first input.
constexpr std::array<std::string_view, 22> kKeep{
    "Cast",  "Clip",    "Concat", "Conv", "Exp",    "Floor",    "Identity",  "MaxPool",
    "Neg",   "Not",     "Pad",    "Relu", "Resize", "Round",    "ScatterND", "Sigmoid",
    "Slice", "Softmax", "Split",  "Sqrt", "TopK",   "Transpose"};
/// And those whose inputs are broadcast.
constexpr std::array<std::string_view, 10> kBroadcast{
    "Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "Mul", "Or", "Sub"};

Rank ranked(const View& view, std::string_view value, int& left);

Rank ranked_input(const View& view, const OnnxNode& node, std::size_t input, int& left) {
  return input < node.inputs.size() ? ranked(view, node.input(input), left) : std::nullopt;
}

/// Length of the last axis of GatherND's indices: columns of the NonZero they come from.
Rank columns_of(const View& view, std::string_view indices, int& left) {
  const OnnxNode* transpose = view.producer(indices, "Transpose");
  if (transpose == nullptr || transpose->inputs.empty()) return std::nullopt;
  const OnnxNode* finder = view.producer(transpose->input(0), "NonZero");
  return finder != nullptr ? ranked_input(view, *finder, 0, left) : std::nullopt;
}

Rank gathered(const View& view, const OnnxNode& node, int& left) {
  const Rank data = ranked_input(view, node, 0, left);
  const Rank indices = ranked_input(view, node, 1, left);
  if (!data || !indices) return std::nullopt;
  if (node.op == "Gather") return *data + *indices - 1;
  const Rank columns = columns_of(view, node.input(1), left);
  if (!columns || node.integer("batch_dims", 0) != 0) return std::nullopt;
  return *data + *indices - 1 - *columns;
}

Rank reshaped_rank(const View& view, const OnnxNode& node) {
  if (node.inputs.size() < 2) return std::nullopt;
  if (const auto shape = view.integers(node.input(1))) return std::ssize(*shape);
  // The parts of a shape have one number each.
  const OnnxNode* parts = view.producer(node.input(1), "Concat");
  return parts != nullptr ? Rank(std::ssize(parts->inputs)) : std::nullopt;
}

/// Of the branches that compute something; tracing leaves constants in those that are never taken.
Rank branched(const View& view, const OnnxNode& node, int& left) {
  for (const OnnxAttribute& attribute : node.attributes) {
    for (const auto& branch : attribute.graphs) {
      if (branch->outputs.size() != 1) continue;
      const std::string& output = branch->outputs[0].name;
      if (view.producer(output, "Constant") == nullptr) return ranked(view, output, left);
    }
  }
  return std::nullopt;
}

Rank made_by(const View& view, const OnnxNode& node, int& left) {
  if (node.op == "NonZero" || node.op == "NonMaxSuppression" || node.op == "Gemm" ||
      node.op == "Flatten") {
    return 2;
  }
  if (node.op == "Shape" || node.op == "Range") return 1;
  if (node.op == "Gather" || node.op == "GatherND") return gathered(view, node, left);
  if (node.op == "Reshape") return reshaped_rank(view, node);
  if (node.op == "If") return branched(view, node, left);
  const Rank first = ranked_input(view, node, 0, left);
  if (!first) return std::nullopt;
  if (node.op == "Squeeze" || node.op == "Unsqueeze") {
    const auto axes = axes_of(view, node);
    if (!axes) return std::nullopt;
    return *first + (node.op == "Squeeze" ? -1 : 1) * std::ssize(*axes);
  }
  if (std::ranges::count(kKeep, node.op) > 0) return first;
  if (std::ranges::count(kBroadcast, node.op) == 0) return std::nullopt;
  const Rank second = ranked_input(view, node, 1, left);
  return second ? Rank(std::max(*first, *second)) : std::nullopt;
}

Rank declared(const View& view, std::string_view value) {
  const OnnxGraph& graph = view.model().graph;
  for (const auto* infos : {&graph.inputs, &graph.value_infos}) {
    view.step(infos->size() / 16);  // a comparison is less than what a step usually is
    const auto found = std::ranges::find(*infos, value, &OnnxValueInfo::name);
    if (found != infos->end() && found->dims) return std::ssize(*found->dims);
  }
  return std::nullopt;
}

Rank ranked(const View& view, std::string_view value, int& left) {
  if (--left < 0) return std::nullopt;
  if (const auto known = view.constant(value)) return std::ssize(known->shape);
  if (const OnnxNode* node = view.producer(value)) {
    if (const Rank rank = made_by(view, *node, left)) return rank;
  }
  return declared(view, value);
}

}  // namespace

std::optional<std::int64_t> rank_of(const View& view, std::string_view value) {
  int left = kMostRankedValues;
  return ranked(view, value, left);
}

}  // namespace tv2onnx::doctor
