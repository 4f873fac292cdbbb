// D03 in Swin: whether windows are shifted was decided by the traced image.
//
// shifted_window_attention of torchvision shifts every second block by half a window, but not where
// the window is as large as the (padded) feature map: `if window >= padded: shift = 0` for each
// axis. A trace keeps what its own image decided, so the file is silently wrong for images on the
// other side of that limit, by 2 to 25 % of the results. Windows show as
//
//   Transpose(Reshape(x, [n, rows, window, columns, window, c]), [0, 1, 3, 2, 4, 5])
//
// and a shift as Concat(x[s:], x[:s]). Harmless where the size of the input is fixed.

#include <fmt/format.h>

#include <algorithm>

#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// Length of the windows that the node brings together; nullopt if it does something else.
std::optional<std::int64_t> window_of(const View& view, const OnnxNode& node) {
  const OnnxAttribute* order = node.find("perm");
  if (node.op != "Transpose" || node.inputs.empty() || order == nullptr) return std::nullopt;
  if (order->ints != std::vector<std::int64_t>{0, 1, 3, 2, 4, 5}) return std::nullopt;
  const OnnxNode* reshape = view.producer(node.input(0), "Reshape");
  if (reshape == nullptr || reshape->inputs.size() < 2) return std::nullopt;
  const OnnxNode* shape = view.producer(reshape->input(1), "Concat");
  if (shape == nullptr || shape->inputs.size() != 6) return std::nullopt;
  const auto rows = view.integers(shape->input(2));
  const auto columns = view.integers(shape->input(4));
  const bool square = rows && columns && rows->size() == 1 && *rows == *columns;
  return square ? std::optional((*rows)[0]) : std::nullopt;
}

/// Concat(x[s:], x[:s])
bool shifts(const View& view, const OnnxNode& node) {
  if (node.op != "Concat" || node.inputs.size() != 2) return false;
  const OnnxNode* front = view.producer(node.input(0), "Slice");
  const OnnxNode* back = view.producer(node.input(1), "Slice");
  if (front == nullptr || back == nullptr || front->input(0).empty()) return false;
  if (front->input(0) != back->input(0)) return false;
  const auto tail = slice_bounds(view, *front);
  const auto head = slice_bounds(view, *back);
  return tail && head && tail->axis == head->axis && tail->axis == node.integer("axis", 0) &&
         head->start == 0 && head->end == tail->start && tail->step == 1 && head->step == 1;
}

/// Whether the file takes images of several sizes: a dimension behind the first has no number.
bool takes_sizes(const View& view) {
  return std::ranges::any_of(view.model().graph.inputs, [](const OnnxValueInfo& input) {
    if (!input.dims || input.dims->size() < 3) return false;
    return std::any_of(input.dims->begin() + 1, input.dims->end(),
                       [](const auto& dim) { return dim.value < 0; });
  });
}

std::vector<Finding> examine_shifted_windows(const RuleContext& context) {
  const View& view = context.view;
  std::vector<std::string> evidence;
  std::int64_t window = 0;
  for (const OnnxNode* node : view.nodes()) {
    const auto length = window_of(view, *node);
    if (!length) continue;
    window = *length;
    evidence.push_back(node->label());
  }
  if (evidence.empty() || !takes_sizes(view)) return {};
  const bool shifted =
      std::ranges::any_of(view.nodes(), [&](const OnnxNode* node) { return shifts(view, *node); });
  return {{.code = "D03",
           .damage = Damage::kWrong,
           .what = "Swin: the traced image decided which windows are shifted",
           .evidence = std::move(evidence),
           .symptom = fmt::format(
               "results that differ from PyTorch's by up to a quarter, no error, where a feature "
               "map is {} than {}x{} cells and was not so in the traced image",
               shifted ? "larger or smaller" : "larger", window, window),
           .since = "torch.onnx.export of all versions (tracing `if window >= size: shift = 0`)",
           .remedy = "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or use it at the size it was "
                     "traced with",
           .repairable = false}};
}

}  // namespace

Rule shifted_windows() {
  return {"D03", examine_shifted_windows, nullptr};
}

}  // namespace tv2onnx::doctor
