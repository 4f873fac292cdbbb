// x -> Conv(w, b) -> y   becomes
// x -> Q -> DQ -> Conv(DQ(w), DQ(b)) -> y -> Q -> DQ
//
// A Relu behind the convolution gets no pair of its own: its zero is the range's lower end.

#include "rewrite/quantise_convs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <unordered_set>

#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

/// Takes 8-bit numbers as they are and gives some of them.
bool only_selects(const OnnxNode& node) {
  if (node.op == "MaxPool") return true;
  const OnnxAttribute* mode = node.find("mode");
  return node.op == "Resize" && (mode == nullptr || mode->s == "nearest");
}

Tensor int32_tensor(const std::vector<float>& values, float input, const std::vector<float>& scales,
                    std::vector<float>& all_scales) {
  std::vector<std::int32_t> numbers;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double scale = static_cast<double>(input) * scales[k];
    all_scales.push_back(static_cast<float>(scale));
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    numbers.push_back(
        static_cast<std::int32_t>(std::clamp(std::nearbyint(values[k] / scale), -kMost, kMost)));
  }
  return make_tensor({static_cast<std::int64_t>(values.size())}, std::move(numbers));
}

/// The bias of a channel is counted in steps of its weights' scale. Where training has let a
/// channel die, its weights are nearly nothing, and with their own scale the bias would pass 31
/// bits.
void widen_scales(const Tensor& weight, const std::vector<float>& least, Int8Weight& numbers) {
  const std::vector<float> values = to_float(weight);
  const std::size_t size = values.size() / std::max<std::size_t>(numbers.scales.size(), 1);
  const auto old = numbers.numbers.as<std::int8_t>();
  std::vector<std::int8_t> changed(old.begin(), old.end());
  for (std::size_t k = 0; k < least.size(); ++k) {
    const auto channel = std::span(values).subspan(k * size, size);
    const bool empty = std::ranges::all_of(channel, [](float one) { return one == 0; });
    if (!(least[k] > 0) || (numbers.scales[k] >= least[k] && !empty)) continue;
    numbers.scales[k] = least[k];
    for (std::size_t at = 0; at < size; ++at) {
      changed[k * size + at] = static_cast<std::int8_t>(
          std::clamp(std::nearbyint(channel[at] / least[k]), -127.0F, 127.0F));
    }
  }
  numbers.numbers = int8_tensor(weight.shape, std::move(changed));
}

class Rewriter {
 public:
  Rewriter(View& view, int most) : view_(view), most_(most) {}

  /// Puts the pair behind what makes the value and returns the value behind it.
  std::string add_pair(const QuantisedValue& one, UnsignedScale scale) {
    OnnxGraph& graph = view_.model().graph;
    const std::string factor =
        view_.add_constant(one.value + "/scale", make_tensor({}, std::vector{scale.scale}));
    const std::string zero =
        view_.add_constant(one.value + "/zero", make_tensor({}, std::vector{scale.zero}));
    const std::string number = view_.fresh_name(one.value + "/QuantizeLinear");
    const std::string back = view_.fresh_name(one.value + "/DequantizeLinear");
    const OnnxNode* maker = view_.producer(one.value);
    const auto place = maker == nullptr ? graph.nodes.begin() : std::next(view_.place_of(*maker));
    if (one.made) view_.replace_readers(one.value, back);
    graph.nodes.insert(place, node_of("QuantizeLinear", {one.value, factor, zero}, number));
    graph.nodes.insert(place, node_of("DequantizeLinear", {number, factor, zero}, back));
    return back;
  }

  /// Tells the scale of the convolution's input. All convolutions of a weight come before change().
  void prepare(const OnnxNode& conv, float input_scale) {
    if (conv.inputs.size() < 3 || conv.input(2).empty()) return;
    const std::vector<float> bias = to_float(*view_.initializer(conv.input(2))->tensor());
    std::vector<float>& least = least_[conv.input(1)];
    least.resize(bias.size());
    constexpr float kMost = 1 << 30;  // of 31 bits, half are for the products
    for (std::size_t k = 0; k < bias.size(); ++k) {
      least[k] = std::max(least[k], std::abs(bias[k]) / input_scale / kMost);
    }
  }

  void change(OnnxNode& conv, const std::string& input, float input_scale) {
    const std::string weight = conv.input(1);
    const auto [stored, is_new] = weights_.try_emplace(weight);
    if (is_new) stored->second = store(weight);
    view_.set_input(conv, 0, input);
    view_.set_input(conv, 1, dequantised(conv, weight, stored->second));
    if (conv.inputs.size() < 3 || conv.input(2).empty()) return;
    const std::string bias = conv.input(2);
    std::vector<float> scales;
    const Tensor numbers = int32_tensor(to_float(*view_.initializer(bias)->tensor()), input_scale,
                                        stored->second.scales, scales);
    Stored own{view_.add_constant(bias + "/int32", numbers), "", "", scales};
    const auto count = static_cast<std::int64_t>(scales.size());
    own.scale = view_.add_constant(bias + "/scale", make_tensor({count}, std::move(scales)));
    own.zero = view_.add_constant(
        bias + "/zero", make_tensor({count}, std::vector<std::int32_t>(own.scales.size(), 0)));
    view_.set_input(conv, 2, dequantised(conv, bias, own));
  }

 private:
  struct Stored {
    std::string numbers;
    std::string scale;
    std::string zero;
    std::vector<float> scales;
  };

  Stored store(const std::string& weight) {
    const Tensor values = *view_.initializer(weight)->tensor();
    Int8Weight numbers = quantise_weight(values, 0, most_);
    widen_scales(values, least_[weight], numbers);
    const auto count = static_cast<std::int64_t>(numbers.scales.size());
    Stored stored{view_.add_constant(weight + "/int8", numbers.numbers), "", "", numbers.scales};
    stored.scale =
        view_.add_constant(weight + "/scale", make_tensor({count}, std::move(numbers.scales)));
    stored.zero = view_.add_constant(
        weight + "/zero", int8_tensor({count}, std::vector<std::int8_t>(stored.scales.size(), 0)));
    return stored;
  }

  std::string dequantised(const OnnxNode& reader, const std::string& value, const Stored& stored) {
    OnnxNode node = node_of("DequantizeLinear", {stored.numbers, stored.scale, stored.zero},
                            view_.fresh_name(value + "/DequantizeLinear"));
    set_attribute(node, integer_attribute("axis", 0));
    std::string output = node.name;
    view_.model().graph.nodes.insert(view_.place_of(reader), std::move(node));
    return output;
  }

  View& view_;
  int most_;
  std::map<std::string, Stored> weights_;
  std::map<std::string, std::vector<float>> least_;  ///< of the scales of a weight
};

}  // namespace

std::string quantised_result(const View& view, const OnnxNode& conv) {
  const std::string& output = conv.output(0);
  const std::vector<OnnxNode*> relus = view.readers(output, "Relu");
  if (relus.size() == 1 && view.read_count(output) == 1) return relus[0]->output(0);
  return output;
}

std::vector<QuantisedValue> quantised_values(const View& view, const std::set<std::string>& convs) {
  std::vector<QuantisedValue> values;
  std::map<std::string, std::string> made;  // to whose range they have
  std::unordered_set<std::string> taken;    // by convolutions, made elsewhere
  const auto add = [&](const std::string& value, const std::string& range_of) {
    made.emplace(value, range_of);
    values.push_back({value, range_of, true});
  };
  for (const OnnxNode& node : view.model().graph.nodes) {
    const auto first = made.find(node.input(0));
    if (convs.contains(node.name)) {
      const bool other = first == made.end() && taken.insert(node.input(0)).second;
      if (other) values.push_back({node.input(0), node.input(0), false});
      const std::string output = quantised_result(view, node);
      add(output, output);
    } else if (first == made.end() || !node.domain.empty()) {
      continue;
    } else if (only_selects(node)) {
      add(node.output(0), std::string(first->second));
    } else if (node.op == "Add" && made.contains(node.input(1))) {
      const std::string output = quantised_result(view, node);
      add(output, output);
    }
  }
  return values;
}

void quantise_convs(OnnxModel& model, const std::set<std::string>& convs,
                    const std::map<std::string, ValueRange>& ranges, int most) {
  View view(model);
  Rewriter rewriter(view, most);
  struct Behind {
    std::string value;
    float scale;
  };
  std::map<std::string, Behind> pairs;  // by the value before, and by the one behind
  std::vector<std::pair<OnnxNode*, std::string>> changes;
  for (OnnxNode& node : model.graph.nodes) {
    if (convs.contains(node.name)) changes.emplace_back(&node, node.input(0));
  }
  for (const QuantisedValue& one : quantised_values(view, convs)) {
    const UnsignedScale scale = scale_of(ranges.at(one.range_of));
    pairs[one.value] = {rewriter.add_pair(one, scale), scale.scale};
  }
  for (const auto& [conv, input] : changes) rewriter.prepare(*conv, pairs.at(input).scale);
  for (const auto& [conv, input] : changes) {
    rewriter.change(*conv, pairs.at(input).value, pairs.at(input).scale);
  }
}

}  // namespace tv2onnx
