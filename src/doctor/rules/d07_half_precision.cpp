// D07: boxes in half precision.
//
// batched_nms keeps classes apart by adding label * (largest coordinate + 1) to the boxes. In
// float16 the sum passes 65504, the largest number, from some 49 classes at 1333 pixels on, and far
// below that it has steps of several pixels: boxes of different classes suppress each other, and
// near ones of the same class do not. Converters make the whole file float16, this part too.

#include <fmt/format.h>

#include <algorithm>

#include "doctor/image_resize.h"
#include "doctor/rules/rules.h"
#include "onnx/schema.h"

namespace tv2onnx::doctor {
namespace {

bool has_half_weights(const View& view) {
  return std::ranges::any_of(view.model().graph.initializers, [](const OnnxTensor& tensor) {
    return tensor.data_type == schema::data_type(DType::kFloat16) && tensor.dims.size() > 1;
  });
}

/// boxes + label * (max + 1), whose sum is cast to the float32 that NonMaxSuppression wants.
const OnnxNode* offset_in_half(const View& view, const OnnxNode& suppression) {
  const OnnxNode* cast = view.producer(suppression.input(0));
  if (cast != nullptr && cast->op == "Unsqueeze") cast = view.producer(cast->input(0));
  if (cast == nullptr || cast->op != "Cast" ||
      cast->integer("to", 0) != schema::data_type(DType::kFloat32)) {
    return nullptr;
  }
  const OnnxNode* sum = view.producer(before_casts(view, cast->input(0)), "Add");
  if (sum == nullptr) return nullptr;
  const bool offset = std::ranges::any_of(sum->inputs, [&](const std::string& input) {
    return view.producer(before_casts(view, input), "Mul") != nullptr;
  });
  return offset ? sum : nullptr;
}

std::vector<Finding> examine_half_precision(const RuleContext& context) {
  const View& view = context.view;
  if (!has_half_weights(view)) return {};
  Finding finding{.code = "D07",
                  .damage = Damage::kWrong,
                  .what = "boxes are kept apart by class in half precision, which overflows",
                  .evidence = {},
                  .symptom = "detections of some classes are missing, others appear twice",
                  .since = "float16 converters applied to the whole file",
                  .remedy =
                      "convert again and leave NonMaxSuppression and the Add, Mul and "
                      "ReduceMax before it in float32 (op_block_list)",
                  .repairable = false};
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "NonMaxSuppression" || node->inputs.empty()) continue;
    if (const OnnxNode* sum = offset_in_half(view, *node)) {
      finding.evidence.push_back(sum->label());
    }
  }
  if (finding.evidence.empty()) return {};
  return {finding};
}

}  // namespace

Rule half_precision() {
  return {"D07", examine_half_precision, nullptr};
}

}  // namespace tv2onnx::doctor
