#include "run/class_scores.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace tv2onnx {
namespace {

std::vector<float> softmax(const std::vector<float>& logits) {
  std::vector<float> result(logits.size());
  if (logits.empty()) return result;
  const float largest = std::ranges::max(logits);
  std::ranges::transform(logits, result.begin(),
                         [&](float logit) { return std::exp(logit - largest); });
  const float sum = std::accumulate(result.begin(), result.end(), 0.0F);
  for (float& value : result) value /= sum;
  return result;
}

/// All classes, the most probable first; of equal ones that with the lower number.
std::vector<ScoredClass> ranked(const std::vector<float>& probabilities) {
  std::vector<ScoredClass> best;
  for (const float score : probabilities) {
    best.push_back({static_cast<std::int64_t>(best.size()), score});
  }
  std::ranges::stable_sort(best, std::ranges::greater(), &ScoredClass::score);
  return best;
}

/// One image's part of a result [n, ...], as numbers.
std::vector<float> row_of(const Tensor& result, std::size_t image) {
  return to_float(part_of(result, image));
}

}  // namespace

Classification classification_of(const std::vector<Tensor>& results, const AnswerOutputs& outputs,
                                 std::size_t image) {
  Classification one;
  std::vector<float> scores = row_of(results[outputs.answer], image);
  if (outputs.labels) {
    const std::vector<std::int64_t> labels = to_int64(part_of(results[*outputs.labels], image));
    for (std::size_t k = 0; k < scores.size(); ++k) one.best.push_back({labels[k], scores[k]});
  } else if (outputs.mode == OutputMode::kProbabilities) {
    one.best = ranked(scores);
  } else {
    // By logits: of near ones the probabilities are the same number.
    one.best = ranked(scores);
    const std::vector<float> probabilities = softmax(scores);
    for (ScoredClass& row : one.best) {
      row.score = probabilities[static_cast<std::size_t>(row.label)];
    }
    one.logits = std::move(scores);
  }
  for (const std::size_t feature : outputs.features) {
    Tensor part = part_of(results[feature], image);
    part.shape.insert(part.shape.begin(), 1);
    one.features.push_back(std::move(part));
  }
  return one;
}

}  // namespace tv2onnx
