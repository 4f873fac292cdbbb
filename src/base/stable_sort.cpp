#include "base/stable_sort.h"

#include <numeric>

namespace tv2onnx {

std::vector<std::size_t> stable_order(std::size_t count,
                                      const std::function<bool(std::size_t, std::size_t)>& less) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::cref(less));
  return order;
}

}  // namespace tv2onnx
