#include "base/tensor_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "tv2onnx/error.h"

namespace tv2onnx {

void require_readable(const Tensor& tensor) {
  const std::int64_t count = tensor.size();
  const auto most = std::numeric_limits<std::ptrdiff_t>::max() /
                    static_cast<std::int64_t>(dtype_size(tensor.dtype));
  const bool possible =
      std::ranges::all_of(tensor.shape, [](std::int64_t dim) { return dim >= 0; }) && count <= most;
  const bool strided = tensor.strides.empty() || tensor.strides.size() == tensor.shape.size();
  if (possible && strided && (tensor.data != nullptr || count == 0)) return;
  throw Error(
      {.code = "R006",
       .found = fmt::format("a tensor of {} and shape {}{}", dtype_name(tensor.dtype),
                            shape_text(tensor.shape),
                            !possible  ? ", which no tensor has"
                            : !strided ? fmt::format(" with {} strides", tensor.strides.size())
                                       : " without data"),
       .expected = "as many elements as the shape says"});
}

}  // namespace tv2onnx
