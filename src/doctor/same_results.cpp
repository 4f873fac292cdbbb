#include "doctor/same_results.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>

namespace tv2onnx::doctor {
namespace {

/// An output as floats, in which all integers of a detector are exact.
struct Values {
  std::vector<float> numbers;
  float tolerance = 0;
};

Values values_of(const Tensor& output) {
  Values values{to_float(output), 0};
  if (!is_floating(output.dtype)) return values;
  float largest = 1;
  for (const float number : values.numbers) largest = std::max(largest, std::abs(number));
  values.tolerance = kRounding * largest;
  return values;
}

bool same(std::span<const float> a, std::span<const float> b, float tolerance) {
  return std::ranges::equal(a, b, [&](float x, float y) { return std::abs(x - y) <= tolerance; });
}

/// The common first dimension of results that are detections, one of them boxes; else nothing.
std::optional<std::size_t> detections(const std::vector<Tensor>& outputs) {
  const auto is_boxes = [](const Tensor& one) {
    return one.shape.size() == 2 && one.shape[1] == 4;
  };
  if (outputs.size() < 2 || std::ranges::none_of(outputs, is_boxes)) return std::nullopt;
  const std::int64_t count = outputs[0].shape.empty() ? -1 : outputs[0].shape[0];
  const bool common = count >= 0 && std::ranges::all_of(outputs, [&](const Tensor& one) {
                        return !one.shape.empty() && one.shape[0] == count;
                      });
  return common ? std::optional(static_cast<std::size_t>(count)) : std::nullopt;
}

/// Whether the lists have the same detections. Those of about equal score may change places.
bool same_rows(const std::vector<Values>& a, const std::vector<Values>& b, std::size_t count) {
  const auto row = [&](const Values& values, std::size_t k) {
    const std::size_t length = values.numbers.size() / count;
    return std::span(values.numbers).subspan(k * length, length);
  };
  std::vector<bool> taken(count, false);
  for (std::size_t k = 0; k < count; ++k) {
    std::size_t other = 0;
    const auto differs = [&] {
      return taken[other] || !std::ranges::equal(a, b, [&](const Values& x, const Values& y) {
               return same(row(x, k), row(y, other), x.tolerance);
             });
    };
    while (other < count && differs()) ++other;
    if (other == count) return false;
    taken[other] = true;
  }
  return true;
}

}  // namespace

bool same_results(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  const bool alike = std::ranges::equal(a, b, [](const Tensor& x, const Tensor& y) {
    return x.dtype == y.dtype && x.shape == y.shape;
  });
  if (!alike) return false;
  std::vector<Values> before;
  std::vector<Values> after;
  std::ranges::transform(a, std::back_inserter(before), values_of);
  std::ranges::transform(b, std::back_inserter(after), values_of);
  if (const auto count = detections(a)) return same_rows(before, after, *count);
  return std::ranges::equal(before, after, [](const Values& x, const Values& y) {
    return same(x.numbers, y.numbers, x.tolerance);
  });
}

bool same_but_for_ties(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (!detections(a) || !detections(b)) return false;
  return std::ranges::equal(a, b, [](const Tensor& x, const Tensor& y) {
    const bool scores = is_floating(x.dtype) && x.shape.size() == 1;
    if (!scores) return x.shape == y.shape;
    Values before = values_of(x);
    Values after = values_of(y);
    std::ranges::sort(before.numbers);
    std::ranges::sort(after.numbers);
    return same(before.numbers, after.numbers, before.tolerance);
  });
}

}  // namespace tv2onnx::doctor
