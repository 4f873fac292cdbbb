#include "doctor/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace tv2onnx::doctor {
namespace {

constexpr int kFarthest = 24;         // nodes between a score and the comparison that uses it
constexpr double kSmallestSide = 16;  // image sizes below are other numbers
constexpr std::int64_t kMostRows = 1'000'000;
constexpr std::int64_t kMostAnchors = 64;

/// Does the node hand on its first input, rearranged?
bool rearranges(const OnnxNode& node) {
  static const std::set<std::string_view> all{
      "Gather",  "GatherND", "GatherElements", "Reshape", "Slice",
      "Flatten", "Squeeze",  "Unsqueeze",      "Split",   "Cast",
      "Concat",  "Identity", "Transpose",      "TopK",    "If",
      "Min",     "Max"};
  return all.contains(node.op);
}

/// The node of one of the operators that a value is a rearrangement of; null if there is none.
const OnnxNode* origin(const View& view, const std::string& value,
                       const std::set<std::string_view>& ops, int steps = kFarthest) {
  const OnnxNode* node = view.producer(value);
  if (node == nullptr || steps == 0) return nullptr;
  if (ops.contains(node->op)) return node;
  if (!rearranges(*node)) return nullptr;
  if (node->op != "If") return origin(view, node->inputs[0], ops, steps - 1);
  for (const OnnxAttribute& attribute : node->attributes) {
    for (const auto& branch : attribute.graphs) {
      for (const OnnxValueInfo& output : branch->outputs) {
        const OnnxNode* found = origin(view, output.name, ops, steps - 1);
        if (found != nullptr) return found;
      }
    }
  }
  return nullptr;
}

std::string text_of(double value) {
  return fmt::format("{:.6g}", value);
}

class Finder {
 public:
  explicit Finder(const RuleContext& context) : context_(context), view_(context.view) {}

  std::vector<GraphSetting> all() {
    if (read_metadata()) return std::move(settings_);
    if (!context_.box_heads.empty()) {
      const BoxHead& head = context_.box_heads[0];
      add("num_classes", std::to_string(head.classes), *head.layer);
    }
    for (const OnnxNode* node : view_.nodes()) {
      image_size(*node);
      score_threshold(*node);
      suppression(*node);
      best_candidates(*node);
      detections_per_image(*node);
    }
    anchors();
    return std::move(settings_);
  }

 private:
  void add(const std::string& name, const std::string& value, const OnnxNode& node) {
    const bool known = std::ranges::any_of(settings_, [&](const GraphSetting& setting) {
      return setting.name == name && setting.value == value;
    });
    if (!known) settings_.push_back({name, value, node.label()});
  }

  bool read_metadata() {
    const auto& metadata = view_.model().metadata;
    const auto config = metadata.find("tv2onnx.config");
    if (config == metadata.end()) return false;
    const auto json = nlohmann::ordered_json::parse(config->second, nullptr, false);
    if (!json.is_object()) return false;
    for (const auto& [name, value] : json.items()) {
      if (!value.is_null()) settings_.push_back({name, value.dump(), ""});
    }
    return true;
  }

  /// "box_" + name behind a softmax and "rpn_" + name behind a sigmoid in R-CNNs; the plain name in
  /// one-stage models.
  std::string name_of(const std::string& scores, const std::string& name) const {
    const OnnxNode* made = origin(view_, scores, {"Softmax", "Sigmoid"});
    if (made == nullptr) return "";
    if (context_.box_heads.empty()) return name;
    return (made->op == "Softmax" ? "box_" : "rpn_") + name;
  }

  /// size / min(height, width), as a quotient or a product with the reciprocal.
  void image_size(const OnnxNode& node) {
    if (node.op != "ReduceMin" && node.op != "ReduceMax") return;
    std::string value = node.outputs[0];
    for (int step = 0; step < 4; ++step) {
      const std::vector<View::Use>& uses = view_.uses(value);
      if (uses.size() != 1) return;
      const OnnxNode& next = *uses[0].node;
      const bool product = next.op == "Mul" || (next.op == "Div" && uses[0].input == 1);
      if (product && next.inputs.size() == 2) {
        const auto size = view_.number(next.inputs[uses[0].input == 0 ? 1 : 0]);
        if (size && *size >= kSmallestSide) {
          add(node.op == "ReduceMin" ? "min_size" : "max_size", text_of(*size), next);
        }
        return;
      }
      if (next.op != "Cast" && next.op != "Reciprocal" && next.op != "Identity") return;
      value = next.outputs[0];
    }
  }

  void score_threshold(const OnnxNode& node) {
    static const std::set<std::string_view> ops{"Greater", "GreaterOrEqual", "Less", "LessOrEqual"};
    if (!ops.contains(node.op) || node.inputs.size() != 2) return;
    const auto threshold = view_.number(node.inputs[1]);
    const std::string name = name_of(node.inputs[0], "score_thresh");
    if (threshold && !name.empty()) add(name, text_of(*threshold), node);
  }

  void suppression(const OnnxNode& node) {
    if (node.op != "NonMaxSuppression" || node.inputs.size() < 4) return;
    const auto overlap = view_.number(node.inputs[3]);
    const std::string name = name_of(node.inputs[1], "nms_thresh");
    if (overlap) add(name.empty() ? "nms_thresh" : name, text_of(*overlap), node);
  }

  /// TopK of a constant, or of min(constant, how many there are).
  void best_candidates(const OnnxNode& node) {
    if (node.op != "TopK" || node.inputs.size() < 2) return;
    std::vector<std::string> parts{node.inputs[1]};
    const OnnxNode* smaller = origin(view_, node.inputs[1], {"ReduceMin", "Min"});
    if (smaller != nullptr) {
      parts = smaller->inputs;
      const OnnxNode* concat = view_.producer(parts[0], "Concat");
      if (concat != nullptr) parts = concat->inputs;
    }
    const std::string name =
        context_.box_heads.empty() ? "topk_candidates" : "rpn_pre_nms_top_n_test";
    for (const std::string& part : parts) {
      const auto count = view_.integers(part);
      if (count && count->size() == 1) return add(name, std::to_string((*count)[0]), node);
    }
  }

  /// keep[:n] after non-maximum suppression.
  void detections_per_image(const OnnxNode& node) {
    const auto bounds = slice_bounds(view_, node);
    if (!bounds || bounds->axis != 0 || bounds->start != 0 || bounds->step != 1) return;
    if (bounds->end <= 1 || bounds->end > kMostRows) return;
    const OnnxNode* kept = origin(view_, node.inputs[0], {"NonMaxSuppression"});
    if (kept == nullptr) return;
    std::string name = "detections_per_img";
    if (!context_.box_heads.empty()) {
      const bool boxes = name_of(kept->inputs[1], "") == "box_";
      name = boxes ? "box_detections_per_img" : "rpn_post_nms_top_n_test";
    }
    add(name, std::to_string(bounds->end), node);
  }

  /// Boxes around zero: x1 = -x2 and y1 = -y2.
  void anchors() {
    for (const OnnxNode* node : view_.nodes()) {
      if (node->op == "Constant" && !node->outputs.empty()) anchors(*node, node->outputs[0]);
    }
    for (const OnnxTensor& tensor : view_.model().graph.initializers) {
      const std::vector<View::Use>& uses = view_.uses(tensor.name);
      if (!uses.empty() && tensor.dims.size() >= 2) anchors(*uses[0].node, tensor.name);
    }
  }

  void anchors(const OnnxNode& node, const std::string& value) {
    const std::optional<Tensor> tensor = view_.constant(value);
    if (!tensor || tensor->shape.size() < 2 || tensor->shape.back() != 4) return;
    const std::int64_t count = tensor->size() / 4;
    if (count < 1 || count > kMostAnchors || !is_floating(tensor->dtype)) return;
    const std::vector<float> corners = to_float(*tensor);
    float smallest = std::numeric_limits<float>::max();
    float largest = 0;
    for (std::size_t k = 0; k < corners.size(); k += 4) {
      if (corners[k] != -corners[k + 2] || corners[k + 1] != -corners[k + 3]) return;
      const float side = 2 * std::sqrt(corners[k + 2] * corners[k + 3]);
      smallest = std::min(smallest, side);
      largest = std::max(largest, side);
    }
    if (!(largest > 1)) return;
    add("anchors", fmt::format("{} per place, {:.0f} to {:.0f} px", count, smallest, largest),
        node);
  }

  const RuleContext& context_;
  const View& view_;
  std::vector<GraphSetting> settings_;
};

}  // namespace

std::vector<GraphSetting> find_settings(const RuleContext& context) {
  return Finder(context).all();
}

}  // namespace tv2onnx::doctor
