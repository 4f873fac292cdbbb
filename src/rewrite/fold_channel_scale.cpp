// Mul by a constant per channel -> Conv becomes Conv.
//
//   conv(x * c, w) = conv(x, w * c)    w[o, i, :, :] * c[i]
//
// Exact up to rounding also at the borders: zero padding stays zero under a factor. This moves the
// division by image_std of the detectors' transform into the first convolution.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "rewrite/edit.h"
#include "rewrite/fold.h"
#include "rewrite/view.h"

namespace tv2onnx {
namespace {

/// The factor of a Mul if it is a constant float32 [1, channels, 1, 1], else null.
const OnnxTensor* channel_factor(const View& view, const OnnxNode& mul) {
  const OnnxTensor* factor = mul.inputs.size() == 2 ? view.float_weight(mul.input(1)) : nullptr;
  if (factor == nullptr || factor->dims.size() != 4) return nullptr;
  return factor->dims[0] == 1 && factor->dims[2] == 1 && factor->dims[3] == 1 ? factor : nullptr;
}

std::string refusal(const View& view, const OnnxNode& mul, const OnnxNode& conv) {
  const OnnxTensor* weight = view.float_weight(conv.input(1));
  if (weight == nullptr) return "the weights of the convolution are computed";
  if (view.read_count(conv.input(1)) != 1) return "the weights of the convolution are shared";
  if (view.read_count(mul.output(0)) != 1) return "the scaled value has other readers";
  if (conv.integer("group", 1) != 1) return "the convolution has groups";
  const std::int64_t channels = channel_factor(view, mul)->dims[1];
  if (weight->dims.size() != 4 || (channels != 1 && channels != weight->dims[1])) {
    return "the factor is not one for each channel of a convolution in two dimensions";
  }
  return "";
}

void rewrite(View& view, const OnnxNode& mul, OnnxNode& conv) {
  const std::vector<float> factor = to_float(*view.initializer(mul.input(1))->tensor());
  OnnxTensor& stored = *view.initializer(conv.input(1));
  std::vector<float> weight = to_float(*stored.tensor());
  const auto area = static_cast<std::size_t>(stored.dims[2] * stored.dims[3]);
  for (std::size_t k = 0; k < weight.size(); ++k) {
    weight[k] = static_cast<float>(double{weight[k]} * factor[k / area % factor.size()]);
  }
  replace_elements(stored, make_tensor(stored.dims, std::move(weight)));
  view.set_input(conv, 0, mul.input(0));
}

}  // namespace

FoldReport fold_channel_scale(OnnxModel& model) {
  FoldReport report;
  View view(model);
  for (OnnxNode* conv : view.nodes()) {
    if (conv->op != "Conv" || !conv->domain.empty() || conv->inputs.size() < 2) continue;
    const OnnxNode* mul = view.producer(conv->input(0), "Mul");
    if (mul == nullptr || channel_factor(view, *mul) == nullptr) continue;
    const std::string reason = refusal(view, *mul, *conv);
    if (!reason.empty()) {
      report.refused.push_back(fmt::format("{}: {}", mul->name, reason));
      continue;
    }
    rewrite(view, *mul, *conv);
    ++report.rewrites;
  }
  remove_dead(model);
  return report;
}

}  // namespace tv2onnx
