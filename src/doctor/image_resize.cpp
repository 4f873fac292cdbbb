#include "doctor/image_resize.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace tv2onnx::doctor {
namespace {

bool is_any_of(const OnnxNode& node, std::initializer_list<std::string_view> ops) {
  return std::ranges::find(ops, node.op) != ops.end();
}

bool is_input(const View& view, std::string_view value) {
  return std::ranges::any_of(view.model().graph.inputs,
                             [&](const OnnxValueInfo& input) { return input.name == value; });
}

/// The input of the graph that is only normalised and taken apart on the way here, else "".
std::string image_behind(const View& view, std::string_view value) {
  constexpr int kLongest = 32;
  for (int step = 0; step < kLongest; ++step) {
    if (is_input(view, value)) return std::string(value);
    const OnnxNode* node = view.producer(value);
    if (node == nullptr || node->inputs.empty() ||
        !is_any_of(*node, {"Split", "Squeeze", "Unsqueeze", "Sub", "Div", "Mul", "Add", "Identity",
                           "Cast", "Gather", "Slice", "Transpose", "Reshape", "SequenceAt",
                           "SplitToSequence", "Concat"})) {
      return "";
    }
    value = node->inputs[0];
  }
  return "";
}

/// One element of a list of sizes: a number, or the value that it is.
struct Element {
  std::optional<std::int64_t> number;
  std::string_view value;
};

/// Puts the elements of a list in front of `elements`, as far as they are known, last first.
/// False: what comes before is not known.
bool collect_from_back(const View& view, std::string_view value, std::vector<Element>& elements) {
  if (const auto numbers = view.integers(value)) {
    for (const std::int64_t number : std::views::reverse(*numbers)) {
      elements.push_back({number, {}});
    }
    return true;
  }
  const OnnxNode* node = view.producer(value);
  if (node == nullptr || node->inputs.empty()) return false;
  if (is_any_of(*node, {"Cast", "Identity"})) {
    return collect_from_back(view, node->inputs[0], elements);
  }
  if (node->op == "Unsqueeze") {
    elements.push_back({std::nullopt, node->inputs[0]});
    return true;
  }
  if (node->op != "Concat") return false;
  for (const std::string& input : std::views::reverse(node->inputs)) {
    if (!collect_from_back(view, input, elements)) return false;
  }
  return true;
}

std::optional<ResizedSide> resized_side(const View& view, std::string_view value) {
  OnnxNode* floor = view.producer(before_casts(view, value), "Floor");
  if (floor == nullptr) return std::nullopt;
  OnnxNode* product = view.producer(before_casts(view, floor->inputs[0]), "Mul");
  if (product == nullptr) return std::nullopt;
  // The scale is the input that a Min made; torch puts it second.
  for (const std::size_t scale : {std::size_t{1}, std::size_t{0}}) {
    if (view.producer(before_casts(view, product->inputs[scale]), "Min") != nullptr) {
      return ResizedSide{floor, product, 1 - scale, product->inputs[scale]};
    }
  }
  return std::nullopt;
}

/// wanted / ReduceMin(..), or 1 / ReduceMin(..) * wanted.
std::optional<SideRatio> side_ratio(const View& view, std::string_view value) {
  const OnnxNode* node = view.producer(before_casts(view, value));
  if (node == nullptr || node->inputs.size() != 2) return std::nullopt;
  for (std::size_t k = 0; k < 2; ++k) {
    const std::optional<double> wanted = view.number(node->inputs[k]);
    if (!wanted) continue;
    std::string_view side = before_casts(view, node->inputs[1 - k]);
    if (node->op == "Mul") {
      const OnnxNode* reciprocal = view.producer(side, "Reciprocal");
      if (reciprocal == nullptr) return std::nullopt;
      side = before_casts(view, reciprocal->inputs[0]);
    } else if (node->op != "Div" || k != 0) {
      return std::nullopt;
    }
    OnnxNode* extreme = view.producer(side);
    if (extreme == nullptr || !is_any_of(*extreme, {"ReduceMin", "ReduceMax"})) return std::nullopt;
    return SideRatio{*wanted, extreme};
  }
  return std::nullopt;
}

void read_scale(const View& view, ImageResize& resize) {
  if (!resize.sides[0]) return;
  const OnnxNode* minimum = view.producer(before_casts(view, resize.sides[0]->scale), "Min");
  for (const std::string& input : minimum->inputs) {
    const std::optional<SideRatio> ratio = side_ratio(view, input);
    if (!ratio) continue;
    (ratio->extreme->op == "ReduceMin" ? resize.shorter : resize.longer) = ratio;
  }
}

}  // namespace

std::string_view before_casts(const View& view, std::string_view value) {
  constexpr int kLongest = 16;
  for (int step = 0; step < kLongest; ++step) {
    const OnnxNode* node = view.producer(value);
    if (node == nullptr || node->inputs.empty() ||
        !is_any_of(*node, {"Cast", "Identity", "Unsqueeze", "Squeeze"})) {
      break;
    }
    value = node->inputs[0];
  }
  return value;
}

bool depends_on_input(const View& view, std::string_view value) {
  std::vector<std::string_view> queue{value};
  std::set<std::string_view> seen{value};
  while (!queue.empty()) {
    const std::string_view next = queue.back();
    queue.pop_back();
    if (is_input(view, next)) return true;
    const OnnxNode* node = view.producer(next);
    if (node == nullptr) continue;
    for (const std::string& input : node->inputs) {
      if (seen.insert(input).second) queue.push_back(input);
    }
  }
  return false;
}

std::vector<ImageResize> find_image_resizes(const View& view) {
  constexpr std::size_t kSizes = 3;  // index of that input
  std::vector<ImageResize> found;
  for (OnnxNode* node : view.nodes()) {
    if (node->op != "Resize" || node->inputs.size() <= kSizes) continue;
    ImageResize resize{node, image_behind(view, node->inputs[0]), {}, {}, {}, {}};
    if (resize.input.empty()) continue;
    std::vector<Element> elements;  // width, height, ...
    collect_from_back(view, node->inputs[kSizes], elements);
    if (elements.size() < 2) continue;
    if (elements[0].number && elements[1].number) {
      resize.constant = {*elements[1].number, *elements[0].number};
    } else {
      resize.sides = {resized_side(view, elements[1].value), resized_side(view, elements[0].value)};
      read_scale(view, resize);
    }
    found.push_back(std::move(resize));
  }
  return found;
}

}  // namespace tv2onnx::doctor
