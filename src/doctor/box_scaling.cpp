#include "doctor/box_scaling.h"

#include <optional>

#include "doctor/image_resize.h"

namespace tv2onnx::doctor {
namespace {

/// Whether the value is one column of boxes: Split or Gather, then perhaps Squeeze.
bool is_column(const View& view, std::string_view value) {
  const OnnxNode* node = view.producer(before_casts(view, value));
  return node != nullptr && (node->op == "Split" || node->op == "Gather" || node->op == "Slice" ||
                             node->op == "SequenceAt");
}

std::optional<BoxScaling> box_scaling(const View& view, OnnxNode& concat) {
  BoxScaling scaling;
  scaling.boxes = &concat;
  for (std::size_t k = 0; k < scaling.products.size(); ++k) {
    OnnxNode* product = view.producer(before_casts(view, concat.input(k)), "Mul");
    if (product == nullptr || product->inputs.size() != 2) return std::nullopt;
    // A ratio is a constant or a quotient, never a column of something.
    const bool second = is_column(view, product->input(0));
    if (second == is_column(view, product->input(1))) return std::nullopt;
    scaling.products[k] = product;
    scaling.ratio_input[k] = second ? 1 : 0;
  }
  return scaling;
}

}  // namespace

std::vector<BoxScaling> find_box_scalings(const View& view) {
  std::vector<BoxScaling> found;
  for (OnnxNode* node : view.nodes()) {
    if (node->op != "Concat" || node->inputs.size() != 4 || !view.is_output(node->output(0))) {
      continue;
    }
    if (const auto scaling = box_scaling(view, *node)) found.push_back(*scaling);
  }
  return found;
}

}  // namespace tv2onnx::doctor
