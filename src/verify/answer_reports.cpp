#include "verify/answer_reports.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace tv2onnx {

void require_task(const Reference& reference, Task task) {
  if (reference.task == task) return;
  throw Error({.code = "V002",
               .found = fmt::format("results of the task {}", task_name(reference.task)),
               .where = {.file = reference.source},
               .expected = fmt::format("results of the task {}: the file is a {}", task_name(task),
                                       model_noun(task))});
}

const Tensor* find_recorded(const ReferenceCase& one, std::string_view name) {
  if (one.images.empty()) return nullptr;
  const auto found = one.images.front().find(name);
  return found != one.images.front().end() ? &found->second : nullptr;
}

const Tensor& recorded_tensor(const ReferenceCase& one, std::string_view name, DType dtype,
                              std::size_t rank, const Reference& reference) {
  const Tensor* found = find_recorded(one, name);
  const bool fits =
      found != nullptr && found->dtype == dtype && found->shape.size() == rank && found->size() > 0;
  if (fits) return *found;
  throw Error({.code = "V002",
               .found = fmt::format("no {} of a case", name),
               .where = {.file = reference.source, .item = printable(one.name)},
               .expected = fmt::format("{} with {} axes", dtype_name(dtype), rank),
               .hint = "record it again with scripts/record_reference.py"});
}

ImageSize size_of(const ReferenceCase& one) {
  const bool bytes = one.input.dtype == DType::kUInt8;
  return {one.input.shape[bytes ? 1 : 2], one.input.shape[bytes ? 2 : 3]};
}

double deviation_of(const std::vector<float>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double sum = 0;
  for (const float value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / count);
}

std::string checkpoint_note(const Contract& contract, const Reference& reference) {
  const std::string& own = contract.metadata.checkpoint;
  const bool others =
      !own.empty() && !reference.fingerprint.empty() && own != reference.fingerprint;
  return others ? "the file was exported from another checkpoint than the reference" : "";
}

}  // namespace tv2onnx
