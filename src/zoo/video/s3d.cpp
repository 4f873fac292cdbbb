#include "zoo/video/s3d.h"

#include <array>

#include "nn/computed_parts.h"
#include "nn/layers3d.h"
#include "nn/size_guard.h"
#include "zoo/video/clip_classifier.h"

namespace tv2onnx {
namespace {

struct S3dRow {
  const char* name;
  const char* description;
};
constexpr auto kS3dRows = std::to_array<S3dRow>({{"s3d", "S3D"}});

/// Smaller clips leave nothing for the last pool.
constexpr std::int64_t kFrames = 13;
constexpr std::int64_t kSide = 209;
constexpr const char* kClipLimits = "clips_need_13_frames_of_209x209_at_least";

/// Conv3dNormActivation
Value conv_norm_relu(Scope s, Value x, const Conv3d& options, double eps) {
  const Value y = conv_norm3d(s / 0, s / 1, x, options, eps, Activation::kRelu);
  computes_activation(s / 2, Activation::kRelu);
  return y;
}

/// TemporalSeparableConv: within frames, then along time.
Value s3d_separable(Scope s, Value x, std::int64_t kernel, std::int64_t stride, double eps) {
  const std::int64_t padding = kernel / 2;
  const Value y = conv_norm_relu(s / 0, x,
                                 {.kernel = {1, kernel, kernel},
                                  .stride = {1, stride, stride},
                                  .padding = {0, padding, padding}},
                                 eps);
  return conv_norm_relu(
      s / 1, y, {.kernel = {kernel, 1, 1}, .stride = {stride, 1, 1}, .padding = {padding, 0, 0}},
      eps);
}

/// SepInceptionBlock3D; its widths are the file's.
Value s3d_inception(Scope s, Value x, double eps) {
  s.computes(ModuleKind::kSepInception);
  std::vector<Value> branches{conv_norm_relu(s / "branch0", x, {}, eps)};
  for (const char* name : {"branch1", "branch2"}) {
    const Scope branch = s / name;
    branches.push_back(
        s3d_separable(branch / 1, conv_norm_relu(branch / 0, x, {}, eps), 3, 1, eps));
  }
  const Scope last = s / "branch3";
  const Value pooled = max_pool3d(last / 0, x, {.kernel = {3, 3, 3}, .padding = {1, 1, 1}});
  branches.push_back(conv_norm_relu(last / 1, pooled, {}, eps));
  const NameScope names(s.graph(), s.prefix());
  return concat(branches, 1);
}

constexpr Pool3dAttributes kInFrames{{1, 3, 3}, {1, 2, 2}, {0, 1, 1}};
constexpr Pool3dAttributes kInAll{{3, 3, 3}, {2, 2, 2}, {1, 1, 1}};
constexpr Pool3dAttributes kLastPool{{2, 2, 2}, {2, 2, 2}, {0, 0, 0}};

/// The layers of `features` in order.
Value features(Scope s, Value x, double eps) {
  x = s3d_separable(s / 0, x, 7, 2, eps);
  x = conv_norm_relu(s / 2, max_pool3d(s / 1, x, kInFrames), {}, eps);
  x = max_pool3d(s / 4, s3d_separable(s / 3, x, 3, 1, eps), kInFrames);
  for (int k = 5; k <= 15; ++k) {
    if (k == 7 || k == 13) {
      x = max_pool3d(s / k, x, k == 7 ? kInAll : kLastPool);
    } else {
      x = s3d_inception(s / k, x, eps);
    }
  }
  return x;
}

void build_s3d(Scope s, const S3dRow& /*row*/, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kS3d);
  const Value clips = clip_input(s / "features" / 0 / 0 / 0);
  const Value x = features(
      s / "features",
      guarded(clips, {.at_least = {0, 0, kFrames, kSide, kSide}, .multiple_of = {1, 1, 1, 1, 1}},
              kClipLimits),
      norm_eps(config));
  // Not the mean of everything: the pool's windows overlap. The last convolution is the same at
  // every position, so that it may follow the mean.
  const Value pooled = average_pool3d(s / "avgpool", x, {.kernel = {2, 7, 7}});
  Scope head = s / "classifier";
  if (!head.has("weight")) {  // of a whole module, Dropout and with it the Sequential are left out
    computes_activation(head / 0, Activation::kNone);
    head = head / 1;
  }
  const Value mean = global_average_pool(pooled);
  class_outputs(flatten(conv3d(head, mean, {.bias = true})), options);
}

}  // namespace

std::vector<Model> s3ds() {
  return of_clips(classifiers<S3dRow>(kS3dRows, build_s3d,
                                      [](const S3dRow&) {
                                        return ClassifierSettings{.norm_eps = 1e-3,
                                                                  .replaceable_head = false};
                                      }),
                  kinetics_frames({256, 256}, 224));
}

}  // namespace tv2onnx
