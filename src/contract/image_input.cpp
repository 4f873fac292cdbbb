#include "contract/image_input.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "onnx/schema.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kChannels = 3;
constexpr int kSteps = 40;            // nodes between input and first layer; torch's trace has 12
constexpr double kLargestUnit = 2.0;  // a mean of pixels above this belongs to the range 0..255

/// y = scale * x + shift, per channel, of what has been done so far.
struct Affine {
  std::array<double, 3> scale{1, 1, 1};
  std::array<double, 3> shift{};

  void multiply(const std::array<double, 3>& by) {
    for (std::size_t c = 0; c < by.size(); ++c) {
      scale[c] *= by[c];
      shift[c] *= by[c];
    }
  }
  void add(const std::array<double, 3>& by) {
    for (std::size_t c = 0; c < by.size(); ++c) shift[c] += by[c];
  }
};

std::optional<std::array<double, 3>> per_channel(const View& view, const std::string& value) {
  const std::optional<Tensor> tensor = view.constant(value);
  if (!tensor || (tensor->size() != 1 && tensor->size() != kChannels)) return std::nullopt;
  const std::vector<float> numbers = to_float(*tensor);
  const auto at = [&](std::size_t c) -> double {
    return numbers.size() == 1 ? numbers[0] : numbers[c];
  };
  return std::array{at(0), at(1), at(2)};
}

/// Arithmetic with a constant. False: the node is something else.
bool apply(const View& view, const OnnxNode& node, const std::string& value, Affine& affine) {
  static const std::set<std::string_view> arithmetic{"Add", "Sub", "Mul", "Div"};
  if (!arithmetic.contains(node.op) || node.inputs.size() != 2) return false;
  const bool first = node.input(0) == value;
  if (!first && (node.op == "Sub" || node.op == "Div")) return false;
  auto constant = per_channel(view, node.input(first ? 1 : 0));
  if (!constant) return false;
  const auto inverse = [&] {
    for (double& each : *constant) each = 1 / each;
  };
  if (node.op == "Sub") std::ranges::transform(*constant, constant->begin(), std::negate());
  if (node.op == "Div") inverse();
  if (node.op == "Add" || node.op == "Sub") {
    affine.add(*constant);
  } else {
    affine.multiply(*constant);
  }
  return true;
}

bool reverses_channels(const View& view, const OnnxNode& node) {
  if (node.op == "Slice") {
    const auto bounds = slice_bounds(view, node);
    return bounds && bounds->step == -1;
  }
  if (node.op != "Gather" || node.inputs.size() < 2) return false;
  return view.integers(node.input(1)) == std::vector<std::int64_t>{2, 1, 0};
}

/// The node that works on the pixels next, if it leaves their meaning or only scales them.
const OnnxNode* next_node(const View& view, const std::string& value) {
  static const std::set<std::string_view> ignored{"Shape", "Size", "ReduceMax", "ReduceMin"};
  for (const View::Use& use : view.uses(value)) {
    if (!ignored.contains(use.node->op) && use.input < 2) return use.node;
  }
  return nullptr;
}

void follow(const View& view, ImageInput& input) {
  static const std::set<std::string_view> neutral{
      "Cast",  "Identity", "Squeeze", "Unsqueeze", "Split", "Gather", "Transpose",
      "Slice", "Concat",   "Resize",  "Upsample",  "Pad",   "Reshape"};
  Affine affine;
  bool reversed = false;
  std::string value = input.port.name;
  for (int step = 0; step < kSteps; ++step) {
    const OnnxNode* node = next_node(view, value);
    if (node == nullptr || node->outputs.empty()) break;
    const bool computes = apply(view, *node, value, affine);
    if (!computes && !neutral.contains(node->op)) break;
    if (reverses_channels(view, *node)) {
      reversed = !reversed;
      input.evidence.push_back(node->label());
    }
    if (computes) input.evidence.push_back(node->label());
    value = node->output(0);
  }
  input.deviation.resize(affine.scale.size());
  input.mean.resize(affine.scale.size());
  for (std::size_t c = 0; c < affine.scale.size(); ++c) {
    input.deviation[c] = 1 / affine.scale[c];
    input.mean[c] = -affine.shift[c] / affine.scale[c];
  }
  input.normalises = input.mean != std::vector<double>(input.mean.size());
  const double mean = *std::ranges::max_element(input.mean);
  const double deviation = *std::ranges::max_element(input.deviation);
  if (input.normalises) {
    input.range = mean > kLargestUnit ? PixelRange::kByte : PixelRange::kUnit;
  } else if (deviation > kLargestUnit) {
    input.range = PixelRange::kByte;
  }
  if (input.mean[0] == input.mean[2]) return;
  // ImageNet's means fall from red to blue; the constants are those of the order after reversal.
  const bool falling = input.mean[0] > input.mean[2];
  input.order = falling != reversed ? ChannelOrder::kRgb : ChannelOrder::kBgr;
}

const OnnxValueInfo* first_input(const OnnxGraph& graph) {
  std::set<std::string_view> weights;
  for (const OnnxTensor& tensor : graph.initializers) weights.insert(tensor.name);
  const auto found = std::ranges::find_if(
      graph.inputs, [&](const OnnxValueInfo& input) { return !weights.contains(input.name); });
  return found != graph.inputs.end() ? &*found : nullptr;
}

/// Nothing if its rank is unknown or no tensor has its type.
std::optional<PortInfo> port_of(const OnnxValueInfo& value) {
  constexpr auto kTypes = std::to_array<DType>(
      {DType::kFloat32, DType::kFloat64, DType::kFloat16, DType::kBFloat16, DType::kInt8,
       DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8, DType::kBool});
  const auto type = std::ranges::find(kTypes, value.data_type, schema::data_type);
  if (!value.dims || type == kTypes.end()) return std::nullopt;
  PortInfo port{value.name, *type, {}, {}};
  for (const OnnxValueInfo::Dim& dim : *value.dims) {
    port.shape.push_back(dim.value);
    port.symbols.push_back(dim.symbol);
  }
  return port;
}

}  // namespace

std::optional<ImageInput> find_image_input(const View& view) {
  const OnnxValueInfo* first = first_input(view.model().graph);
  const std::optional<PortInfo> port = first != nullptr ? port_of(*first) : std::nullopt;
  if (!port) return std::nullopt;
  const Shape& shape = port->shape;
  if (shape.size() != 3 && shape.size() != 4) return std::nullopt;
  ImageInput input{.port = *port};
  if (shape[shape.size() - 3] == kChannels) {
    input.layout = Layout::kPlanes;
  } else if (shape.back() == kChannels) {
    input.layout = Layout::kPixels;
  } else {
    return std::nullopt;
  }
  if (read_stated_input(read_metadata(view.model().metadata), input)) return input;
  follow(view, input);
  if (input.bytes()) input.range = PixelRange::kByte;
  return input;
}

}  // namespace tv2onnx
