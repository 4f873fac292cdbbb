#include "coco/curve.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace tv2onnx {
namespace {

/// As numpy.linspace gives them.
double recall_at(std::size_t k) {
  return k + 1 == kRecalls ? 1.0 : static_cast<double>(k) * (1.0 / 100);
}

}  // namespace

double Curve::mean() const {
  double sum = 0;
  for (const double one : precision) sum += one;
  return sum / kRecalls;
}

std::vector<const Matched*> by_score(const std::vector<Matched>& all, std::size_t most) {
  std::vector<const Matched*> sorted;
  for (const Matched& result : all) {
    if (result.rank < most) sorted.push_back(&result);
  }
  std::ranges::stable_sort(sorted, std::ranges::greater(), &Matched::score);
  return sorted;
}

Curve curve_of(const std::vector<const Matched*>& sorted, std::size_t overlap, std::size_t objects,
               std::span<const std::uint32_t> weights) {
  std::vector<double> precision;
  std::vector<double> recall;
  precision.reserve(sorted.size());
  recall.reserve(sorted.size());
  double right = 0;
  double wrong = 0;
  for (const Matched* result : sorted) {
    const double weight = weights.empty() ? 1 : weights[result->image];
    if (weight == 0) continue;
    if (!result->ignored[overlap]) (result->hit[overlap] ? right : wrong) += weight;
    recall.push_back(right / static_cast<double>(objects));
    precision.push_back(right / (wrong + right + std::numeric_limits<double>::epsilon()));
  }
  for (std::size_t k = precision.size(); k-- > 1;) {
    precision[k - 1] = std::max(precision[k - 1], precision[k]);
  }
  Curve curve{{}, recall.empty() ? 0 : recall.back()};
  auto place = recall.begin();
  for (std::size_t k = 0; k < kRecalls; ++k) {
    place = std::lower_bound(place, recall.end(), recall_at(k));
    if (place == recall.end()) break;
    curve.precision[k] = precision[static_cast<std::size_t>(place - recall.begin())];
  }
  return curve;
}

}  // namespace tv2onnx
