#include "onnx/arity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tv2onnx {
namespace {

/// What an operator of the standard domain needs at least, from an opset on.
struct Needs {
  std::string_view op;
  std::int64_t since;
  std::size_t inputs;
  std::size_t outputs;
};

// Of ONNX's schemas, by name and opset; tests/onnx/arity_test.cpp compares them. All operators that
// something here looks for.
constexpr auto kNeeds = std::to_array<Needs>({
    {"Abs", 1, 1, 1},
    {"Acos", 1, 1, 1},
    {"Acosh", 1, 1, 1},
    {"Add", 1, 2, 1},
    {"And", 1, 2, 1},
    {"ArgMax", 1, 1, 1},
    {"ArgMin", 1, 1, 1},
    {"Asin", 1, 1, 1},
    {"Asinh", 1, 1, 1},
    {"Atan", 1, 1, 1},
    {"Atanh", 1, 1, 1},
    {"AveragePool", 1, 1, 1},
    {"BatchNormalization", 1, 5, 1},
    {"BitShift", 1, 2, 1},
    {"Cast", 1, 1, 1},
    {"Ceil", 1, 1, 1},
    {"Celu", 1, 1, 1},
    {"Clip", 1, 1, 1},
    {"Compress", 1, 2, 1},
    {"Concat", 1, 1, 1},
    {"ConcatFromSequence", 1, 1, 1},
    {"Constant", 1, 0, 1},
    {"ConstantOfShape", 1, 1, 1},
    {"Conv", 1, 2, 1},
    {"ConvInteger", 1, 2, 1},
    {"ConvTranspose", 1, 2, 1},
    {"Cos", 1, 1, 1},
    {"Cosh", 1, 1, 1},
    {"CumSum", 1, 2, 1},
    {"DepthToSpace", 1, 1, 1},
    {"DequantizeLinear", 1, 2, 1},
    {"Det", 1, 1, 1},
    {"Div", 1, 2, 1},
    {"Dropout", 1, 1, 1},
    {"DynamicQuantizeLinear", 1, 1, 3},
    {"Einsum", 1, 1, 1},
    {"Elu", 1, 1, 1},
    {"Equal", 1, 2, 1},
    {"Erf", 1, 1, 1},
    {"Exp", 1, 1, 1},
    {"Expand", 1, 2, 1},
    {"Flatten", 1, 1, 1},
    {"Floor", 1, 1, 1},
    {"GRU", 1, 3, 2},
    {"GRU", 3, 3, 0},
    {"Gather", 1, 2, 1},
    {"GatherElements", 1, 2, 1},
    {"GatherND", 1, 2, 1},
    {"Gemm", 1, 3, 1},
    {"Gemm", 11, 2, 1},
    {"GlobalAveragePool", 1, 1, 1},
    {"GlobalMaxPool", 1, 1, 1},
    {"Greater", 1, 2, 1},
    {"GreaterOrEqual", 1, 2, 1},
    {"HardSigmoid", 1, 1, 1},
    {"HardSwish", 1, 1, 1},
    {"Hardmax", 1, 1, 1},
    {"Identity", 1, 1, 1},
    {"If", 1, 1, 1},
    {"InstanceNormalization", 1, 3, 1},
    {"LRN", 1, 1, 1},
    {"LSTM", 1, 3, 0},
    {"LayerNormalization", 1, 2, 1},
    {"LeakyRelu", 1, 1, 1},
    {"Less", 1, 2, 1},
    {"LessOrEqual", 1, 2, 1},
    {"Log", 1, 1, 1},
    {"LogSoftmax", 1, 1, 1},
    {"Loop", 1, 3, 1},
    {"Loop", 11, 2, 1},
    {"LpPool", 1, 1, 1},
    {"MatMul", 1, 2, 1},
    {"MatMulInteger", 1, 2, 1},
    {"Max", 1, 1, 1},
    {"MaxPool", 1, 1, 1},
    {"MaxRoiPool", 1, 2, 1},
    {"MaxUnpool", 1, 2, 1},
    {"Mean", 1, 1, 1},
    {"Min", 1, 1, 1},
    {"Mod", 1, 2, 1},
    {"Mul", 1, 2, 1},
    {"Neg", 1, 1, 1},
    {"NonMaxSuppression", 1, 2, 1},
    {"NonZero", 1, 1, 1},
    {"Not", 1, 1, 1},
    {"Or", 1, 2, 1},
    {"PRelu", 1, 2, 1},
    {"Pad", 1, 1, 1},
    {"Pad", 11, 2, 1},
    {"Pow", 1, 2, 1},
    {"QLinearConv", 1, 8, 1},
    {"QLinearMatMul", 1, 8, 1},
    {"QuantizeLinear", 1, 2, 1},
    {"RNN", 1, 3, 0},
    {"Range", 1, 3, 1},
    {"Reciprocal", 1, 1, 1},
    {"ReduceL1", 1, 1, 1},
    {"ReduceL2", 1, 1, 1},
    {"ReduceLogSum", 1, 1, 1},
    {"ReduceLogSumExp", 1, 1, 1},
    {"ReduceMax", 1, 1, 1},
    {"ReduceMean", 1, 1, 1},
    {"ReduceMin", 1, 1, 1},
    {"ReduceProd", 1, 1, 1},
    {"ReduceSum", 1, 1, 1},
    {"ReduceSumSquare", 1, 1, 1},
    {"Relu", 1, 1, 1},
    {"Reshape", 1, 1, 1},
    {"Reshape", 5, 2, 1},
    {"Resize", 1, 2, 1},
    {"Resize", 11, 3, 1},
    {"Resize", 13, 1, 1},
    {"RoiAlign", 1, 3, 1},
    {"Round", 1, 1, 1},
    {"Scan", 1, 2, 1},
    {"Scan", 9, 1, 1},
    {"Scatter", 1, 3, 1},
    {"ScatterElements", 1, 3, 1},
    {"ScatterND", 1, 3, 1},
    {"Selu", 1, 1, 1},
    {"SequenceAt", 1, 2, 1},
    {"SequenceConstruct", 1, 1, 1},
    {"SequenceEmpty", 1, 0, 1},
    {"SequenceInsert", 1, 2, 1},
    {"SequenceLength", 1, 1, 1},
    {"SequenceMap", 1, 1, 1},
    {"Shape", 1, 1, 1},
    {"Shrink", 1, 1, 1},
    {"Sigmoid", 1, 1, 1},
    {"Sign", 1, 1, 1},
    {"Sin", 1, 1, 1},
    {"Sinh", 1, 1, 1},
    {"Size", 1, 1, 1},
    {"Slice", 1, 1, 1},
    {"Slice", 10, 3, 1},
    {"Softmax", 1, 1, 1},
    {"Softplus", 1, 1, 1},
    {"Softsign", 1, 1, 1},
    {"SpaceToDepth", 1, 1, 1},
    {"Split", 1, 1, 1},
    {"SplitToSequence", 1, 1, 1},
    {"Sqrt", 1, 1, 1},
    {"Squeeze", 1, 1, 1},
    {"Sub", 1, 2, 1},
    {"Sum", 1, 1, 1},
    {"Tan", 1, 1, 1},
    {"Tanh", 1, 1, 1},
    {"ThresholdedRelu", 1, 1, 1},
    {"Tile", 1, 3, 1},
    {"Tile", 6, 2, 1},
    {"TopK", 1, 1, 2},
    {"TopK", 10, 2, 2},
    {"Transpose", 1, 1, 1},
    {"Unique", 1, 1, 1},
    {"Unsqueeze", 1, 1, 1},
    {"Unsqueeze", 13, 2, 1},
    {"Upsample", 1, 1, 1},
    {"Upsample", 9, 2, 1},
    {"Where", 1, 3, 1},
    {"Xor", 1, 2, 1},
});

/// Null if nothing is known of the operator.
const Needs* needs_of(const OnnxNode& node, std::int64_t opset) {
  if (!node.domain.empty()) return nullptr;
  const auto [first, last] = std::ranges::equal_range(kNeeds, node.op, {}, &Needs::op);
  const Needs* found = nullptr;
  for (auto row = first; row != last; ++row) {
    if (row == first || row->since <= opset) found = row;
  }
  return found;
}

void collect(const OnnxGraph& graph, std::int64_t opset, std::vector<ArityProblem>& problems) {
  for (const OnnxNode& node : graph.nodes) {
    const Needs* needs = needs_of(node, opset);
    if (needs != nullptr && node.inputs.size() < needs->inputs) {
      problems.push_back(
          {&node, fmt::format("{} inputs, needs {}", node.inputs.size(), needs->inputs)});
    }
    if (needs != nullptr && node.outputs.size() < needs->outputs) {
      problems.push_back(
          {&node, fmt::format("{} outputs, needs {}", node.outputs.size(), needs->outputs)});
    }
    for (const OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) collect(*nested, opset, problems);
    }
  }
}

}  // namespace

std::vector<ArityProblem> find_arity_problems(const OnnxModel& model) {
  std::vector<ArityProblem> problems;
  collect(model.graph, model.opset(), problems);
  return problems;
}

}  // namespace tv2onnx
