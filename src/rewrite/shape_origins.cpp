#include "rewrite/shape_origins.h"

#include <algorithm>
#include <array>
#include <span>

namespace tv2onnx {
namespace {

/// Inputs whose elements decide on the shape of the result: the first `count` from `first` on.
struct ShapeInputs {
  std::string_view op;
  std::size_t first = 0;
  std::size_t count = 1;
};

constexpr auto kShapeInputs = std::to_array<ShapeInputs>({
    {"AffineGrid", 1},
    {"CenterCropPad", 1},
    {"Col2Im", 1},
    {"Compress", 1},
    {"ConstantOfShape", 0},
    {"DFT", 1},
    {"Expand", 1},
    {"If", 0},
    {"Loop", 0, 2},
    {"MaxUnpool", 2},
    {"NonMaxSuppression", 0, 5},
    {"NonZero", 0},
    {"OneHot", 1},
    {"Pad", 1},
    {"Range", 0, 3},
    {"ReduceL1", 1},
    {"ReduceL2", 1},
    {"ReduceMax", 1},
    {"ReduceMean", 1},
    {"ReduceMin", 1},
    {"ReduceSum", 1},
    {"Reshape", 1},
    {"Resize", 2, 2},
    {"Slice", 1, 4},
    {"Split", 1},
    {"SplitToSequence", 1},
    {"Squeeze", 1},
    {"Tile", 1},
    {"TopK", 1},
    {"Unique", 0},
    {"Unsqueeze", 1},
    {"Upsample", 1},
});

// What may be done with the list of NonMaxSuppression: it is read, and used to pick.
constexpr auto kListOperators = std::to_array<std::string_view>(
    {"Add",       "Cast",      "Concat",         "Div",      "Equal", "Gather",  "GatherElements",
     "GatherND",  "Greater",   "GreaterOrEqual", "Identity", "Less",  "Max",     "Min",
     "Mod",       "Mul",       "Reshape",        "Slice",    "Split", "Squeeze", "Sub",
     "Transpose", "Unsqueeze", "Where"});

bool has_graphs(const OnnxAttribute& attribute) {
  return !attribute.graphs.empty();
}

bool is_any_of(std::span<const std::string_view> ops, const OnnxNode& node) {
  return std::ranges::find(ops, node.op) != ops.end();
}

/// Whether a Reshape says all sizes of its result, and takes none from what it reshapes.
bool says_all_sizes(const View& view, const OnnxNode& node) {
  const auto sizes = view.integers(node.input(1));
  return sizes && std::ranges::all_of(*sizes, [](std::int64_t size) { return size > 0; });
}

/// How many of the first inputs the result has its shape from.
std::size_t shape_givers(const View& view, const OnnxNode& node) {
  constexpr auto kNone = std::to_array<std::string_view>({"ConstantOfShape", "Range"});
  constexpr auto kFirst =
      std::to_array<std::string_view>({"Scatter", "ScatterElements", "ScatterND", "Expand",
                                       "OneHot", "Pad", "Resize", "Slice", "Tile", "TopK"});
  if (is_any_of(kNone, node)) return 0;
  if (node.op == "Reshape") return says_all_sizes(view, node) ? 0 : 1;
  return is_any_of(kFirst, node) ? 1 : node.inputs.size();
}

}  // namespace

ShapeOrigins::ShapeOrigins(const View& view) {
  add_inputs(view, view.model().graph);
  for (const OnnxNode* node : view.nodes()) {
    for (const OnnxAttribute& attribute : node->attributes) {
      for (const auto& branch : attribute.graphs) add_inputs(view, *branch);
    }
    const Known result = result_of(view, *node);
    for (const std::string& output : node->outputs) values_.insert_or_assign(output, result);
  }
}

void ShapeOrigins::add_inputs(const View& view, const OnnxGraph& graph) {
  for (const OnnxValueInfo& input : graph.inputs) {
    if (view.initializer(input.name) != nullptr) continue;  // as files of old opsets list them
    const auto is_number = [](const OnnxValueInfo::Dim& dim) { return dim.value >= 0; };
    const bool fixed = input.dims && std::ranges::all_of(*input.dims, is_number);
    values_.insert_or_assign(input.name,
                             Known{fixed ? Origin::kNumbers : Origin::kSize, Origin::kContent});
  }
}

/// What the node's result has from its inputs.
ShapeOrigins::Known ShapeOrigins::inherited(const View& view, const OnnxNode& node) const {
  if (node.op == "Shape" || node.op == "Size") return {Origin::kNumbers, of(node.input(0)).shape};
  const std::size_t givers = shape_givers(view, node);
  Known result;
  for (std::size_t k = 0; k < node.inputs.size(); ++k) {
    const Known input = of(node.inputs[k]);
    if (k < givers) result.shape = std::max(result.shape, input.shape);
    // The number of things is in a sum over them.
    result.elements = std::max({result.elements, input.elements, input.shape});
  }
  if (node.op == "ConstantOfShape") result.elements = Origin::kNumbers;
  const bool nests = std::ranges::any_of(node.attributes, &has_graphs);
  if (nests) return {std::max(result.shape, Origin::kSize), Origin::kContent};
  return result;
}

/// What decides on the shape of the node's result through the elements of an input.
Origin ShapeOrigins::decided(const OnnxNode& node) const {
  const auto* row = std::ranges::find(kShapeInputs, node.op, &ShapeInputs::op);
  if (row == kShapeInputs.end()) return Origin::kNumbers;
  Origin decides = Origin::kNumbers;
  for (std::size_t k = row->first; k < std::min(row->first + row->count, node.inputs.size()); ++k) {
    decides = std::max(decides, elements(node.inputs[k]));
  }
  const bool lists = node.op == "NonMaxSuppression" && decides == Origin::kContent;
  return lists ? Origin::kList : decides;
}

ShapeOrigins::Known ShapeOrigins::result_of(const View& view, const OnnxNode& node) {
  Known result = inherited(view, node);
  if (result.elements == Origin::kList) result.elements = Origin::kContent;
  const Origin decides = decided(node);
  if (result.shape == Origin::kList && !is_any_of(kListOperators, node)) {
    begins_[&node] = Origin::kList;
    result.shape = Origin::kContent;
  } else if (decides != Origin::kNumbers && decides != Origin::kList) {
    begins_[&node] = decides;
  }
  result.shape = std::max(result.shape, decides);
  return result;
}

/// What no node makes and no input is: an initialiser, or what a nested graph is given.
ShapeOrigins::Known ShapeOrigins::of(std::string_view value) const {
  const auto found = values_.find(value);
  return found != values_.end() ? found->second : Known{};
}

Origin ShapeOrigins::shape(std::string_view value) const {
  return of(value).shape;
}

Origin ShapeOrigins::elements(std::string_view value) const {
  return of(value).elements;
}

Origin ShapeOrigins::begins(const OnnxNode& node) const {
  const auto found = begins_.find(&node);
  return found != begins_.end() ? found->second : Origin::kNumbers;
}

}  // namespace tv2onnx
