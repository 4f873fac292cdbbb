#include "nn/keypoint_branch.h"

#include "nn/computed_parts.h"
#include "nn/layer_chain.h"
#include "nn/layers.h"

namespace tv2onnx {
namespace {

constexpr int kModulesPerLayer = 2;  // convolution and ReLU

Value keypoint_head(Scope s, Value x) {
  if (is_layer_chain(s)) return layer_chain(s, x, 4);
  for (int k = 0; (s / k).has("weight"); k += kModulesPerLayer) {
    x = conv2d(s / k, x, {.kernel = 3});
    (s / (k + 1)).computes(ModuleKind::kReLU);
    x = relu(s / k, x);
  }
  return x;
}

}  // namespace

Keypoints detect_keypoints(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                           const RoiPoolSpec& pool, Value size) {
  Value x = pooled_features(s / "keypoint_roi_pool", maps, list, pool);
  x = keypoint_head(s / "keypoint_head", x);
  const Scope predictor = s / "keypoint_predictor";
  const bool chain = is_layer_chain(predictor);
  if (chain) {
    x = layer_chain(predictor, x, 4);
  } else {
    predictor.computes(ModuleKind::kKeypointPredictor, {{"up_scale", {std::int64_t{2}}}});
    x = conv_transpose2d(predictor / "kps_score_lowres", x, {.kernel = 4, .padding = 1});
  }
  const NameScope names(s.graph(), predictor.prefix());
  return heatmaps_to_keypoints(x, list.rois.boxes, list.place ? Value() : size, chain ? 1 : 2);
}

Value keypoint_rows(const Keypoints& keypoints, Value ratio) {
  const NameScope names(*ratio.graph, "output");
  const Value x = unsqueeze(keypoints.x * pick(ratio, {1}, 0), {2});
  const Value y = unsqueeze(keypoints.y * pick(ratio, {0}, 0), {2});
  return concat({x, y, fill(shape_of(x), 1, DType::kFloat32)}, 2);
}

}  // namespace tv2onnx
