#pragma once
// std::ranges::stable_sort is four kilobytes of machine code for every type that it sorts. Here it
// is compiled once, for numbers. Every comparison is a call: not for very long lists.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace tv2onnx {

/// The numbers below `count` in the order of `less(a, b)`; of equal ones the smaller comes first.
std::vector<std::size_t> stable_order(std::size_t count,
                                      const std::function<bool(std::size_t, std::size_t)>& less);

/// As std::ranges::stable_sort.
template <class T, class Compare = std::ranges::less, class Projection = std::identity>
void sort_stably(std::vector<T>& items, Compare compare = {}, Projection projection = {}) {
  const auto order = stable_order(items.size(), [&](std::size_t a, std::size_t b) {
    return std::invoke(compare, std::invoke(projection, items[a]),
                       std::invoke(projection, items[b]));
  });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const std::size_t k : order) sorted.push_back(std::move(items[k]));
  items = std::move(sorted);
}

}  // namespace tv2onnx
