// x -> Conv -> Relu -> Conv -> y   becomes
// x -> Cast(float16) -> Conv -> Relu -> Conv -> Cast(float) -> y

#include "rewrite/half_graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "onnx/schema.h"
#include "rewrite/edit.h"
#include "rewrite/quantise_products.h"
#include "rewrite/view.h"

namespace tv2onnx {
namespace {

constexpr float kLargest = 65504.0F;  // of float16

/// Reads all its inputs as numbers, or the first one only.
enum class Reads { kNothing, kAll, kFirst };

Reads reads_of(const OnnxNode& node) {
  constexpr auto kArithmetic = std::to_array<std::string_view>(
      {"Conv", "ConvTranspose", "Gemm", "MatMul", "Relu", "LeakyRelu", "HardSwish", "HardSigmoid",
       "Sigmoid", "Add", "Mul", "Clip", "MaxPool", "AveragePool", "GlobalAveragePool", "Concat"});
  constexpr auto kMoves = std::to_array<std::string_view>(
      {"Flatten", "Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze", "Slice", "Gather"});
  if (!node.domain.empty() || node.outputs.size() != 1) return Reads::kNothing;
  if (std::ranges::find(kArithmetic, node.op) != kArithmetic.end()) return Reads::kAll;
  if (std::ranges::find(kMoves, node.op) != kMoves.end()) return Reads::kFirst;
  // Its scales are float32 in any case; a nearest pixel is no arithmetic.
  const OnnxAttribute* mode = node.find("mode");
  const bool nearest = node.op == "Resize" && (mode == nullptr || mode->s == "nearest");
  return nearest && node.input(1).empty() && node.input(2).empty() ? Reads::kFirst
                                                                   : Reads::kNothing;
}

class Halver {
 public:
  explicit Halver(OnnxModel& model) : model_(model), view_(model) {}

  HalfGraph run() {
    find_candidates();
    keep_what_leads_to_layers();
    for (auto at = model_.graph.nodes.begin(); at != model_.graph.nodes.end(); ++at) {
      if (chosen_.contains(&*at)) change(at);
    }
    report_.nodes = chosen_.size();
    remove_dead(model_);
    return report_;
  }

 private:
  using Place = std::list<OnnxNode>::iterator;

  bool fits(const std::string& value) const {
    const OnnxTensor* weight = view_.float_weight(value);
    if (weight == nullptr) return false;
    return std::ranges::all_of(to_float(*weight->tensor()),
                               [](float one) { return std::abs(one) <= kLargest; });
  }

  bool is_layer_with_weight(const OnnxNode& node) {
    const bool layer =
        node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm" || node.op == "MatMul";
    if (!layer || !is_of_weight(view_, node.input(1))) return false;
    bool known = true;
    bool large = false;
    for (std::size_t k = 1; k < node.inputs.size(); ++k) {
      const std::string& input = node.input(k);
      if (input.empty() || made_.contains(input) || fits(input)) continue;
      known = false;
      large = large || view_.float_weight(input) != nullptr;
    }
    if (large) ++report_.kept;
    return known;
  }

  /// Whether all that it reads can be float16, and some of it is.
  bool is_between(const OnnxNode& node, Reads reads) const {
    const std::size_t count = reads == Reads::kFirst ? 1 : node.inputs.size();
    bool any = false;
    for (std::size_t k = 0; k < count; ++k) {
      const std::string& input = node.input(k);
      if (made_.contains(input)) {
        any = true;
      } else if (!input.empty() && !fits(input)) {
        return false;
      }
    }
    return any || (reads == Reads::kFirst && fits(node.input(0)));
  }

  void find_candidates() {
    for (const OnnxNode& node : model_.graph.nodes) {
      const Reads reads = reads_of(node);
      if (reads == Reads::kNothing) continue;
      const bool layer = is_layer_with_weight(node);
      if (!layer && !is_between(node, reads)) continue;
      (layer ? layers_ : chosen_).insert(&node);
      made_.insert(node.output(0));
    }
  }

  /// Going back from the end: what leads to no layer is left as it was.
  void keep_what_leads_to_layers() {
    std::unordered_set<const OnnxNode*> between;
    std::swap(between, chosen_);
    for (auto node = model_.graph.nodes.rbegin(); node != model_.graph.nodes.rend(); ++node) {
      const bool leads =
          between.contains(&*node) &&
          std::ranges::any_of(view_.uses(node->output(0)), [&](const View::Use& use) {
            return chosen_.contains(use.node) &&
                   (use.input == 0 || reads_of(*use.node) == Reads::kAll);
          });
      if (layers_.contains(&*node) || leads) {
        chosen_.insert(&*node);
      } else {
        made_.erase(node->output(0));
      }
    }
  }

  static OnnxNode cast(std::string from, std::string to, std::int64_t type) {
    OnnxNode node = node_of("Cast", {std::move(from)}, std::move(to));
    node.name += "/Cast";
    set_attribute(node, integer_attribute("to", type));
    return node;
  }

  /// The value in float16, made in front of `place` if it is not there yet.
  std::string half_of(const std::string& value, Place place) {
    const auto [known, is_new] = halves_.try_emplace(value);
    if (!is_new) return known->second;
    const OnnxTensor* weight = view_.float_weight(value);
    if (weight != nullptr) {
      const Tensor full = *weight->tensor();
      return known->second = view_.add_constant(value + "/float16",
                                                make_half_tensor(full.shape, to_float(full)));
    }
    known->second = view_.fresh_name(value + "/float16");
    model_.graph.nodes.insert(place,
                              cast(value, known->second, schema::data_type(DType::kFloat16)));
    return known->second;
  }

  bool is_read_in_float(const std::string& value) const {
    return view_.is_output(value) ||
           std::ranges::any_of(view_.uses(value), [&](const View::Use& use) {
             return !chosen_.contains(use.node) && use.node->op != "Shape";
           });
  }

  void change(Place place) {
    OnnxNode& node = *place;
    const std::size_t count = reads_of(node) == Reads::kFirst ? 1 : node.inputs.size();
    for (std::size_t k = 0; k < count; ++k) {
      if (!node.input(k).empty()) node.inputs[k] = half_of(node.inputs[k], place);
    }
    const std::string value = node.output(0);
    const std::string half = view_.fresh_name(value + "/float16");
    halves_.emplace(value, half);
    node.outputs[0] = half;
    node.source = {};
    for (OnnxNode* reader : view_.readers(value, "Shape")) {
      reader->inputs[0] = half;
      reader->source = {};
    }
    if (is_read_in_float(value)) {
      model_.graph.nodes.insert(std::next(place),
                                cast(half, value, schema::data_type(DType::kFloat32)));
    }
  }

  OnnxModel& model_;
  View view_;
  HalfGraph report_;
  std::unordered_set<std::string> made_;  ///< values of candidates
  std::unordered_set<const OnnxNode*> layers_;
  std::unordered_set<const OnnxNode*> chosen_;
  std::unordered_map<std::string, std::string> halves_;
};

}  // namespace

HalfGraph to_half(OnnxModel& model) {
  return Halver(model).run();
}

}  // namespace tv2onnx
