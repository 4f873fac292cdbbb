#include "verify/answer_reports.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

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

/// Of two uint8 [..., channels] of equal shapes.
void measure_pixels(const Tensor& found, const Tensor& expected, CaseResult& result) {
  const auto a = found.as<std::uint8_t>();
  const auto b = expected.as<std::uint8_t>();
  const auto channels = static_cast<std::size_t>(found.shape.back());
  std::size_t differ = 0;
  for (std::size_t pixel = 0; pixel < a.size(); pixel += channels) {
    int most = 0;
    for (std::size_t c = 0; c < channels; ++c)
      most = std::max(most, std::abs(a[pixel + c] - b[pixel + c]));
    result.pixel = std::max(result.pixel, static_cast<double>(most));
    differ += most > 0 ? 1 : 0;
  }
  result.pixel_share = static_cast<double>(differ * channels) /
                       static_cast<double>(std::max<std::size_t>(a.size(), 1));
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

void compare_pixels(const ReferenceCase& one, const PreparedPixels& pixels,
                    const ClassTolerance& allowed, CaseResult& result) {
  const Tensor* expected = find_recorded(one, "pixels");
  if (expected == nullptr) return;
  result.has_pixels = true;
  Tensor found = pixels.of(one.input);
  const bool batch_of_one = found.shape.size() > expected->shape.size();
  if (batch_of_one) found.shape.erase(found.shape.begin());
  if (found.shape != expected->shape || found.dtype != expected->dtype) {
    result.reason = fmt::format("the photo is prepared to {} {}, in the reference to {} {}",
                                dtype_name(found.dtype), shape_text(found.shape),
                                dtype_name(expected->dtype), shape_text(expected->shape));
    return;
  }
  measure_pixels(found, *expected, result);
  if (result.pixel > allowed.pixel || result.pixel_share > allowed.pixel_share) {
    result.reason = fmt::format("resized pixels differ by up to {} levels, {:.1f} % of them",
                                result.pixel, 100 * result.pixel_share);
  }
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
