#include "doctor/box_head.h"

#include <algorithm>
#include <array>

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kCoordinates = 4;

/// The four slices with step 4 of a value, in order of their start; empty if they are not there.
std::vector<OnnxNode*> coordinate_slices(const View& view, std::string_view value) {
  std::array<OnnxNode*, kCoordinates> found{};
  for (OnnxNode* node : view.readers(value, "Slice")) {
    const auto bounds = slice_bounds(view, *node);
    if (!bounds || bounds->axis != 1 || bounds->step != kCoordinates) continue;
    if (bounds->start < 0 || bounds->start >= kCoordinates) continue;
    found[static_cast<std::size_t>(bounds->start)] = node;
  }
  if (std::ranges::count(found, nullptr) > 0) return {};
  return {found.begin(), found.end()};
}

/// Length of the bias of Gemm, or of Add after MatMul.
std::int64_t bias_length(const View& view, const OnnxNode& node) {
  if (node.op != "Gemm" && node.op != "Add") return 0;
  for (const std::string& input : node.inputs) {
    const auto tensor = view.constant(input);
    if (tensor && tensor->shape.size() == 1) return tensor->shape[0];
  }
  return 0;
}

}  // namespace

std::vector<BoxHead> find_box_heads(const View& view) {
  std::vector<BoxHead> heads;
  for (OnnxNode* node : view.nodes()) {
    const std::int64_t length = node->outputs.empty() ? 0 : bias_length(view, *node);
    if (length < kCoordinates || length % kCoordinates != 0) continue;
    BoxHead head{node, nullptr, coordinate_slices(view, node->output(0)), length / kCoordinates};
    for (OnnxNode* reshape : view.readers(node->output(0), "Reshape")) {
      if (!head.slices.empty()) break;
      head.slices = coordinate_slices(view, reshape->output(0));
      if (!head.slices.empty()) head.reshape = reshape;
    }
    if (!head.slices.empty()) heads.push_back(std::move(head));
  }
  return heads;
}

}  // namespace tv2onnx::doctor
