#include "verify/answer_reports.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "verify/pixel_difference.h"

namespace tv2onnx {
namespace {

void require_task(const Reference& reference, Task task) {
  if (reference.task == task) return;
  throw Error({.code = "V002",
               .found = fmt::format("results of the task {}", task_name(reference.task)),
               .where = {.file = reference.source},
               .expected = fmt::format("results of the task {}: the file is a {}", task_name(task),
                                       model_noun(task))});
}

}  // namespace

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

void compare_pixels(const ReferenceCase& one, const PreparedPixels& pixels, const PhotoSpec& spec,
                    CaseResult& result) {
  const Tensor* photo = find_recorded(one, "pixels");
  if (photo == nullptr) return;
  const PixelDifference difference =
      pixel_difference(one.input, pixels.of(one.input), *photo, spec);
  result.has_pixels = true;
  result.pixel = difference.most;
  result.pixel_share = difference.share;
  if (!difference.reason.empty()) result.reason = difference.reason;
}

double deviation_of(const std::vector<float>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double sum = 0;
  for (const float value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / count);
}

void begin_report(const Session& session, const Contract& contract, const Reference& reference,
                  CasesReport& report) {
  require_task(reference, contract.task);
  report.model = session.file();
  report.reference = reference.source;
  report.origin = origin_text(reference);
  report.task = reference.task;
  const std::string& own = contract.metadata.checkpoint;
  if (!own.empty() && !reference.fingerprint.empty() && own != reference.fingerprint) {
    report.note = "the file was exported from another checkpoint than the reference";
  }
}

}  // namespace tv2onnx
