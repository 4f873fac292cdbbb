#include "nn/interpolate.h"

namespace tv2onnx {

Value interpolated_like(Value x, Value like) {
  const Value sizes = concat({size_of(x, 0), size_of(x, 1), size_of(like, 2), size_of(like, 3)}, 0);
  return resize_smooth(x, sizes);
}

}  // namespace tv2onnx
