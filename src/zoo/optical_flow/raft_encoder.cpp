#include "zoo/optical_flow/raft_encoder.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"

namespace tv2onnx {
namespace {

class Encoder {
 public:
  Encoder(bool bottlenecks, EncoderNorm norm, double norm_eps)
      : bottlenecks_(bottlenecks), norm_(norm), norm_eps_(norm_eps) {}

  Value run(Scope s, Value x) const {
    s.computes(ModuleKind::kRaftEncoder);
    x = conv_norm(s / "convnormrelu", x, {.kernel = 7, .stride = 2}, true);
    for (int layer = 1; layer <= 3; ++layer) {
      const Scope blocks = s / fmt::format("layer{}", layer);
      x = block(blocks / 0, x, layer == 1 ? 1 : 2);
      x = block(blocks / 1, x, 1);
    }
    return conv2d(s / "conv", x, {});
  }

 private:
  /// Conv2dNormActivation, whose convolution has a bias here.
  Value conv_norm(Scope s, Value x, const Conv2d& options, bool activates) const {
    Value y = conv2d(s / 0, x, options);
    if (norm_ == EncoderNorm::kInstance) y = instance_norm(s / 1, y);
    if (norm_ == EncoderNorm::kBatch) y = batch_norm(s / 1, y, norm_eps_);
    if (!activates) return y;
    computes_activation(s / (norm_ == EncoderNorm::kNone ? 1 : 2), Activation::kRelu);
    return relu(s, y);
  }

  Value block(Scope s, Value x, std::int64_t stride) const {
    s.computes(ModuleKind::kRaftBlock);
    const auto part = [&](int index, Value y, const Conv2d& options) {
      return conv_norm(s / fmt::format("convnormrelu{}", index), y, options, true);
    };
    Value y = x;
    if (bottlenecks_) {
      y = part(3, part(2, part(1, x, {}), {.kernel = 3, .stride = stride}), {});
    } else {
      y = part(2, part(1, x, {.kernel = 3, .stride = stride}), {.kernel = 3});
    }
    const Scope downsample = s / "downsample";
    if (stride == 1) {
      computes_activation(downsample, Activation::kNone);
    } else {
      x = conv_norm(downsample, x, {.stride = stride}, false);
    }
    computes_activation(s / "relu", Activation::kRelu);
    const NameScope names(s.graph(), s.prefix());
    return relu(x + y);
  }

  bool bottlenecks_;
  EncoderNorm norm_;
  double norm_eps_;
};

}  // namespace

Value raft_encoder(Scope s, Value x, bool bottlenecks, EncoderNorm norm, double norm_eps) {
  return Encoder(bottlenecks, norm, norm_eps).run(s, x);
}

}  // namespace tv2onnx
