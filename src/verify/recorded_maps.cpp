#include "verify/recorded_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "verify/answer_reports.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kStep = 4;

[[noreturn]] void refuse(const ReferenceCase& one, const Reference& reference, std::string found) {
  throw Error({.code = "V002",
               .found = std::move(found),
               .where = {.file = reference.source, .item = printable(one.name)},
               .hint = "record it again with scripts/record_reference.py"});
}

}  // namespace

RecordedLabels recorded_labels(const ReferenceCase& one, const Reference& reference) {
  RecordedLabels recorded;
  const Tensor* labels = find_recorded(one, "labels");
  if (labels == nullptr || is_floating(labels->dtype) || labels->shape.size() != 2) {
    refuse(one, reference, "no labels of a case");
  }
  const std::vector<std::int64_t> numbers = to_int64(*labels);
  recorded.labels =
      make_tensor(labels->shape, std::vector<std::int32_t>(numbers.begin(), numbers.end()));
  recorded.margin = recorded_tensor(one, "margin", DType::kFloat32, 2, reference);
  recorded.logits = recorded_tensor(one, "logits", DType::kFloat32, 3, reference);
  recorded.aux = find_recorded(one, "aux");
  const bool aux = recorded.aux != nullptr && recorded.aux->shape != recorded.logits.shape;
  if (recorded.margin.shape != labels->shape || aux) {
    refuse(one, reference, "labels, margin and logits of different sizes");
  }
  return recorded;
}

void require_two(const ReferenceCase& one, const Reference& reference) {
  if (one.input.shape[0] == 2) return;
  refuse(one, reference, fmt::format("{} images of a flow", one.input.shape[0]));
}

Tensor every_fourth(const Tensor& logits) {
  const Shape& shape = logits.shape;
  const std::vector<float> values = to_float(logits);
  std::vector<float> thinned;
  for (std::int64_t row = 0; row < shape[0] * shape[1]; ++row) {
    if (row % shape[1] % kStep != 0) continue;
    for (std::int64_t column = 0; column < shape[2]; column += kStep) {
      thinned.push_back(values[static_cast<std::size_t>(row * shape[2] + column)]);
    }
  }
  const auto fewer = [](std::int64_t side) { return (side + kStep - 1) / kStep; };
  return make_tensor({shape[0], fewer(shape[1]), fewer(shape[2])}, std::move(thinned));
}

NamedTensors label_tensors(const Tensor& logits) {
  const auto area = static_cast<std::size_t>(logits.shape[1] * logits.shape[2]);
  const std::vector<float> values = to_float(logits);
  std::vector<std::int64_t> labels(area);
  std::vector<float> margin(area);
  for (std::size_t k = 0; k < area; ++k) {
    float best = values[k];
    float second = -std::numeric_limits<float>::infinity();
    for (std::size_t place = area + k; place < values.size(); place += area) {
      if (values[place] > best) {
        second = std::exchange(best, values[place]);
        labels[k] = static_cast<std::int64_t>(place / area);
      } else {
        second = std::max(second, values[place]);
      }
    }
    margin[k] = best - second;
  }
  const Shape shape{logits.shape[1], logits.shape[2]};
  return {{"labels", make_tensor(shape, std::move(labels))},
          {"margin", make_tensor(shape, std::move(margin))},
          {"logits", every_fourth(logits)}};
}

}  // namespace tv2onnx
