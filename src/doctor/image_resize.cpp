#include "doctor/image_resize.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace tv2onnx::doctor {
namespace {

bool is_any_of(const OnnxNode& node, std::initializer_list<std::string_view> ops) {
  return std::ranges::find(ops, node.op) != ops.end();
}

/// The input of the graph that is only normalised and taken apart on the way here, else "".
std::string image_behind(const View& view, std::string_view value) {
  constexpr int kLongest = 32;
  for (int step = 0; step < kLongest; ++step) {
    if (view.is_input(value)) return std::string(value);
    const OnnxNode* node = view.producer(value);
    if (node == nullptr || node->inputs.empty() ||
        !is_any_of(*node, {"Split", "Squeeze", "Unsqueeze", "Sub", "Div", "Mul", "Add", "Identity",
                           "Cast", "Gather", "Slice", "Transpose", "Reshape", "SequenceAt",
                           "SplitToSequence", "Concat"})) {
      return "";
    }
    value = node->input(0);
  }
  return "";
}

/// One element of a list of sizes: a number, or the value that it is.
struct Element {
  std::optional<std::int64_t> number;
  std::string_view value;
};

/// The last two elements of a list, as far as they are known, last first.
std::vector<Element> last_two(const View& view, std::string_view value) {
  constexpr int kMostValues = 64;  // that are looked at; torch's traces have some ten
  std::vector<Element> elements;
  std::vector<std::string_view> waiting{value};
  for (int k = 0; k < kMostValues && !waiting.empty() && elements.size() < 2; ++k) {
    const std::string_view next = waiting.back();
    waiting.pop_back();
    if (const auto numbers = view.integers(next)) {
      for (const std::int64_t number : std::views::reverse(*numbers)) {
        elements.push_back({number, {}});
      }
      continue;
    }
    const OnnxNode* node = view.producer(next);
    if (node == nullptr || node->inputs.empty()) break;
    if (is_any_of(*node, {"Cast", "Identity"})) {
      waiting.push_back(node->input(0));
    } else if (node->op == "Unsqueeze") {
      elements.push_back({std::nullopt, node->input(0)});
    } else if (node->op == "Concat") {
      const auto most = std::min<std::ptrdiff_t>(kMostValues, std::ssize(node->inputs));
      waiting.insert(waiting.end(), node->inputs.end() - most, node->inputs.end());
    } else {
      break;
    }
  }
  return elements;
}

std::optional<ResizedSide> resized_side(const View& view, std::string_view value) {
  OnnxNode* floor = view.producer(before_casts(view, value), "Floor");
  if (floor == nullptr) return std::nullopt;
  OnnxNode* product = view.producer(before_casts(view, floor->input(0)), "Mul");
  if (product == nullptr) return std::nullopt;
  // The scale is the input that a Min made; torch puts it second.
  for (const std::size_t scale : {std::size_t{1}, std::size_t{0}}) {
    if (view.producer(before_casts(view, product->input(scale)), "Min") != nullptr) {
      return ResizedSide{floor, product, 1 - scale, product->input(scale)};
    }
  }
  return std::nullopt;
}

/// wanted / ReduceMin(..), or 1 / ReduceMin(..) * wanted.
std::optional<SideRatio> side_ratio(const View& view, std::string_view value) {
  const OnnxNode* node = view.producer(before_casts(view, value));
  if (node == nullptr || node->inputs.size() != 2) return std::nullopt;
  for (std::size_t k = 0; k < 2; ++k) {
    const std::optional<double> wanted = view.number(node->input(k));
    if (!wanted) continue;
    std::string_view side = before_casts(view, node->input(1 - k));
    if (node->op == "Mul") {
      const OnnxNode* reciprocal = view.producer(side, "Reciprocal");
      if (reciprocal == nullptr) return std::nullopt;
      side = before_casts(view, reciprocal->input(0));
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
    value = node->input(0);
  }
  return value;
}

bool depends_on_input(const View& view, std::string_view value) {
  std::vector<std::string_view> queue{value};
  std::set<std::string_view> seen{value};
  while (!queue.empty()) {
    const std::string_view next = queue.back();
    queue.pop_back();
    if (view.is_input(next)) return true;
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
    ImageResize resize{node, image_behind(view, node->input(0)), {}, {}, {}, {}};
    if (resize.input.empty()) continue;
    const std::vector<Element> elements = last_two(view, node->input(kSizes));  // width, height
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
