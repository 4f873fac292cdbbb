#include "doctor/input_contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "onnx/schema.h"

namespace tv2onnx::doctor {
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
  const bool first = node.inputs[0] == value;
  if (!first && (node.op == "Sub" || node.op == "Div")) return false;
  auto constant = per_channel(view, node.inputs[first ? 1 : 0]);
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
  return view.integers(node.inputs[1]) == std::vector<std::int64_t>{2, 1, 0};
}

/// The node that works on the pixels next, if it leaves their meaning or only scales them.
const OnnxNode* next_node(const View& view, const std::string& value) {
  static const std::set<std::string_view> ignored{"Shape", "Size", "ReduceMax", "ReduceMin"};
  for (const View::Use& use : view.uses(value)) {
    if (!ignored.contains(use.node->op) && use.input < 2) return use.node;
  }
  return nullptr;
}

void follow(const View& view, InputContract& contract) {
  static const std::set<std::string_view> neutral{
      "Cast",  "Identity", "Squeeze", "Unsqueeze", "Split", "Gather", "Transpose",
      "Slice", "Concat",   "Resize",  "Upsample",  "Pad",   "Reshape"};
  Affine affine;
  bool reversed = false;
  std::string value = contract.port->name;
  for (int step = 0; step < kSteps; ++step) {
    const OnnxNode* node = next_node(view, value);
    if (node == nullptr || node->outputs.empty()) break;
    const bool computes = apply(view, *node, value, affine);
    if (!computes && !neutral.contains(node->op)) break;
    if (reverses_channels(view, *node)) {
      reversed = !reversed;
      contract.evidence.push_back(node->label());
    }
    if (computes) contract.evidence.push_back(node->label());
    value = node->outputs[0];
  }
  for (std::size_t c = 0; c < 3; ++c) {
    contract.deviation[c] = 1 / affine.scale[c];
    contract.mean[c] = -affine.shift[c] / affine.scale[c];
  }
  contract.normalises = contract.mean != std::array<double, 3>{};
  const double mean = *std::ranges::max_element(contract.mean);
  const double deviation = *std::ranges::max_element(contract.deviation);
  if (contract.normalises) {
    contract.range = mean > kLargestUnit ? PixelRange::kByte : PixelRange::kUnit;
  } else if (deviation > kLargestUnit) {
    contract.range = PixelRange::kByte;
  }
  if (contract.mean[0] == contract.mean[2]) return;
  // ImageNet's means fall from red to blue; the constants are those of the order after reversal.
  const bool falling = contract.mean[0] > contract.mean[2];
  contract.order = falling != reversed ? ChannelOrder::kRgb : ChannelOrder::kBgr;
}

/// What tv2onnx wrote into its own files.
bool read_metadata(const OnnxModel& model, InputContract& contract) {
  const auto input = model.metadata.find("tv2onnx.input");
  if (input == model.metadata.end()) return false;
  contract.range = input->second == "uint8"  ? PixelRange::kByte
                   : input->second == "auto" ? PixelRange::kUnitOrByte
                                             : PixelRange::kUnit;
  const auto order = model.metadata.find("tv2onnx.channel_order");
  const bool bgr = order != model.metadata.end() && order->second == "bgr";
  contract.order = bgr ? ChannelOrder::kBgr : ChannelOrder::kRgb;
  contract.normalises = true;
  contract.evidence = {"metadata of tv2onnx"};
  return true;
}

const OnnxValueInfo* first_input(const OnnxGraph& graph) {
  for (const OnnxValueInfo& input : graph.inputs) {
    const bool weight = std::ranges::any_of(
        graph.initializers, [&](const OnnxTensor& tensor) { return tensor.name == input.name; });
    if (!weight) return &input;
  }
  return nullptr;
}

std::string dims_of(const OnnxValueInfo& port) {
  std::vector<std::string> dims;
  for (const OnnxValueInfo::Dim& dim : *port.dims) {
    const std::string symbol = dim.symbol.empty() ? "?" : dim.symbol;
    dims.push_back(dim.value >= 0 ? std::to_string(dim.value) : symbol);
  }
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

}  // namespace

std::optional<InputContract> find_input_contract(const View& view) {
  const OnnxModel& model = view.model();
  InputContract contract;
  contract.port = first_input(model.graph);
  if (contract.port == nullptr || !contract.port->dims) return std::nullopt;
  const auto& dims = *contract.port->dims;
  if (dims.size() != 3 && dims.size() != 4) return std::nullopt;
  contract.channel_axis = dims.size() - 3;
  if (dims[contract.channel_axis].value != kChannels) contract.channel_axis = dims.size() - 1;
  if (dims[contract.channel_axis].value != kChannels) return std::nullopt;
  if (read_metadata(model, contract)) return contract;
  follow(view, contract);
  if (contract.port->data_type == schema::data_type(DType::kUInt8))
    contract.range = PixelRange::kByte;
  return contract;
}

std::string text_of(const InputContract& contract) {
  const std::string_view order = contract.order == ChannelOrder::kBgr   ? "BGR"
                                 : contract.order == ChannelOrder::kRgb ? "RGB"
                                                                        : "pixels";
  const std::string_view range = contract.range == PixelRange::kUnit   ? "0..1"
                                 : contract.range == PixelRange::kByte ? "0..255"
                                 : contract.range == PixelRange::kUnitOrByte
                                     ? "0..1 or 0..255, decided by the largest value"
                                     : "of unknown range";
  const std::string_view inside =
      contract.normalises ? "normalised inside" : "not normalised inside";
  return fmt::format("{} {}, {} {}, {}", schema::data_type_name(contract.port->data_type),
                     dims_of(*contract.port), order, range, inside);
}

}  // namespace tv2onnx::doctor
