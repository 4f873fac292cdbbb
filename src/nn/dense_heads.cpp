#include "nn/dense_heads.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"
#include "nn/layers.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kGroups = 32;  // of GroupNorm in the heads of torchvision's builders
constexpr double kDenseNormEps = 1e-5;

/// Anchors are settings, but their number is in the shapes of both last layers.
void check_anchor_count(Scope deltas, Scope logits, std::int64_t anchors) {
  const auto rows = [](Scope layer) {
    const std::optional<Shape> shape = layer.shape("weight");
    return shape && !shape->empty() ? shape->front() : 0;
  };
  if ((rows(deltas) == 0 || rows(deltas) == 4 * anchors) && rows(logits) % anchors == 0) return;
  throw Error({.code = "W002",
               .found = fmt::format("the settings make {} anchors per cell, the weights are for {}",
                                    anchors, rows(deltas) / 4),
               .where = {.item = deltas.prefix() + ".weight"},
               .hint = "give the anchors of the training: the settings that begin with "
                       "anchor_generator"});
}

Value normalised(Scope s, Value x) {
  return s.has("running_mean") ? batch_norm(s, x, kDenseNormEps) : group_norm(s, x, kGroups);
}

/// Convolutions of 3 x 3 with ReLU. RetinaNet since 0.13 has Conv2dNormActivation (0.0, 1.0, ...),
/// before it bare convolutions (0, 2, ...); FCOS a convolution, its norm and ReLU (0, 3, ...).
Value tower(Scope s, Value x) {
  for (int k = 0; k == 0 || (s / k).has("weight") || (s / k / 0).has("weight");) {
    const bool bare = (s / k).has("weight");
    const Scope layer = bare ? s / k : s / k / 0;
    const Scope norm = bare ? s / (k + 1) : s / k / 1;
    const bool has_norm = norm.has("weight");
    x = conv2d(layer, x,
               {.out = x.dim(1).number(), .kernel = 3, .bias = !has_norm || layer.has("bias")});
    const NameScope names(s.graph(), layer.prefix());
    if (has_norm) x = normalised(norm, x);
    const int activation = has_norm ? 2 : 1;  // its place behind the convolution
    (bare ? s / (k + activation) : s / k / activation).computes(ModuleKind::kReLU);
    x = relu(x);
    k += bare ? activation + 1 : 1;
  }
  return x;
}

std::int64_t classes_of(const Value& logits, std::int64_t anchors) {
  return std::max<std::int64_t>(1, logits.dim(1).number() / anchors);
}

DensePrediction predict(Scope s, const FeatureMap& map, std::int64_t anchors, bool centerness) {
  const Scope regression = s / "regression_head";
  const Scope classification = s / "classification_head";
  regression.computes(centerness ? ModuleKind::kFcosRegression : ModuleKind::kRetinaNetRegression);
  const Value logits = conv2d(classification / "cls_logits", tower(classification / "conv", map.x),
                              {.out = kAny, .kernel = 3});
  const Value hidden = tower(regression / "conv", map.x);
  Value deltas = conv2d(regression / "bbox_reg", hidden, {.out = anchors * 4, .kernel = 3});
  DensePrediction result{logits, deltas, {}, anchors, classes_of(logits, anchors)};
  classification.computes(
      centerness ? ModuleKind::kFcosClassification : ModuleKind::kRetinaNetClassification,
      {{"num_classes", {result.classes}}});
  if (centerness) {
    const NameScope names(s.graph(), (regression / "bbox_reg").prefix());
    result.deltas = relu(deltas);
    result.centerness = conv2d(regression / "bbox_ctrness", hidden, {.out = anchors, .kernel = 3});
  }
  return result;
}

std::vector<DensePrediction> predictions(Scope s, const std::vector<FeatureMap>& maps,
                                         std::int64_t anchors, bool centerness) {
  check_anchor_count(s / "regression_head" / "bbox_reg", s / "classification_head" / "cls_logits",
                     anchors);
  s.computes(centerness ? ModuleKind::kFcosHead : ModuleKind::kRetinaNetHead);
  std::vector<DensePrediction> all;
  for (const FeatureMap& map : maps) all.push_back(predict(s, map, anchors, centerness));
  return all;
}

/// A convolution (SSD), or a depthwise one with norm and ReLU6 and one of 1 x 1 (SSDlite).
Value ssd_predictor(Scope s, Value x, std::int64_t out, double norm_eps) {
  if (s.has("weight") || !s.has("0.0.weight")) return conv2d(s, x, {.out = out, .kernel = 3});
  const std::int64_t channels = x.dim(1).number();
  const Conv2d depthwise{.out = channels, .kernel = 3, .groups = channels};
  return conv2d(s / 1, conv_norm_relu6(s / 0, x, depthwise, norm_eps), {.out = out});
}

Scope last_layer(Scope s) {
  return s.has("0.0.weight") ? s / 1 : s;
}

}  // namespace

std::vector<DensePrediction> retinanet_head(Scope s, const std::vector<FeatureMap>& maps,
                                            std::int64_t anchors) {
  return predictions(s, maps, anchors, false);
}

std::vector<DensePrediction> fcos_head(Scope s, const std::vector<FeatureMap>& maps,
                                       std::int64_t anchors) {
  return predictions(s, maps, anchors, true);
}

std::vector<DensePrediction> ssd_head(Scope s, const std::vector<FeatureMap>& maps,
                                      const std::vector<std::int64_t>& anchors, double norm_eps) {
  std::vector<DensePrediction> all;
  std::int64_t classes = kAny;
  for (std::size_t k = 0; k < maps.size(); ++k) {
    const Scope classification = s / "classification_head" / "module_list" / k;
    const Scope regression = s / "regression_head" / "module_list" / k;
    check_anchor_count(last_layer(regression), last_layer(classification), anchors[k]);
    const std::int64_t rows = classes == kAny ? kAny : classes * anchors[k];
    const Value logits = ssd_predictor(classification, maps[k].x, rows, norm_eps);
    const Value deltas = ssd_predictor(regression, maps[k].x, anchors[k] * 4, norm_eps);
    classes = classes_of(logits, anchors[k]);
    all.push_back({logits, deltas, {}, anchors[k], classes});
  }
  s.computes(ModuleKind::kSsdHead);
  (s / "classification_head").computes(ModuleKind::kSsdScoring, {{"num_columns", {classes}}});
  (s / "regression_head").computes(ModuleKind::kSsdScoring, {{"num_columns", {std::int64_t{4}}}});
  return all;
}

}  // namespace tv2onnx
