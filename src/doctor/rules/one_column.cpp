#include "doctor/rules/one_column.h"

#include <algorithm>
#include <array>
#include <string>

#include "doctor/image_resize.h"

namespace tv2onnx::doctor {
namespace {

/// One dimension, whatever its length. `left`: how many values may yet be looked at.
bool is_vector(const View& view, std::string_view value, int& left) {
  const OnnxNode* node = view.producer(value);
  if (node == nullptr || --left < 0) return false;
  if (node->op == "Reshape") {
    const auto shape = view.integers(node->input(1));
    return shape && shape->size() == 1;
  }
  constexpr std::array<std::string_view, 9> kElementwise{
      "Equal", "Greater", "Less", "Not", "And", "Or", "Cast", "Identity", "GreaterOrEqual"};
  if (std::ranges::count(kElementwise, node->op) == 0) return false;
  bool found = false;
  for (const std::string& input : node->inputs) {
    if (view.number(input)) continue;
    if (!is_vector(view, input, left)) return false;
    found = true;
  }
  return found;
}

}  // namespace

bool has_one_column(const View& view, std::string_view value) {
  const OnnxNode* node = view.producer(value);
  if (node == nullptr) return false;
  if (node->op == "Gather" && node->integer("axis", 0) == 1) {
    const auto index = view.constant(node->input(1));
    return index && index->shape == Shape{1};
  }
  if (node->op == "Transpose") {
    const OnnxNode* found = view.producer(node->input(0), "NonZero");
    int left = 64;
    return found != nullptr && is_vector(view, found->input(0), left);
  }
  if (const auto bounds = slice_bounds(view, *node)) {
    return bounds->axis == 1 && bounds->start >= 0 && bounds->step == 1 &&
           bounds->end == bounds->start + 1;
  }
  return node->op == "Split" && node->integer("axis", 0) == 1 && node->find("split") != nullptr &&
         std::ranges::all_of(node->find("split")->ints, [](std::int64_t n) { return n == 1; });
}

}  // namespace tv2onnx::doctor
