#include "nn/fpn.h"

#include <algorithm>

#include "nn/layers.h"

namespace tv2onnx {

std::vector<FeatureMap> feature_pyramid(Scope s, const std::vector<FeatureMap>& maps) {
  std::vector<FeatureMap> levels;
  Value above;
  std::int64_t out = kAny;
  for (std::size_t k = maps.size(); k-- > 0;) {
    const Scope block = wrapped_conv(s / "inner_blocks" / k, 1);
    Value inner = conv2d(block, maps[k].x, {.out = out});
    out = inner.dim(1).number();
    if (above) {
      const NameScope names(s.graph(), s.prefix());
      // Levels of the same stride have the same size; torchvision's resize does nothing there.
      const bool same = maps[k].stride == maps[k + 1].stride;
      inner = inner + (same ? above : resize_nearest(above, shape_of(inner)));
    }
    above = inner;
    const Scope layer = wrapped_conv(s / "layer_blocks" / k, 1);
    levels.push_back({conv2d(layer, inner, {.out = out, .kernel = 3}), maps[k].stride});
  }
  std::ranges::reverse(levels);
  const NameScope names(s.graph(), s.prefix() + ".extra_blocks");
  levels.push_back({subsample(levels.back().x), levels.back().stride * 2});
  return levels;
}

}  // namespace tv2onnx
