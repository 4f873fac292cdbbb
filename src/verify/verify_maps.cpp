#include "tv2onnx/verify_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "run/prepare.h"
#include "verify/answer_reports.h"
#include "verify/distance.h"
#include "verify/recorded_maps.h"

namespace tv2onnx {
namespace {

template <typename Model>
VerifyMapsReport empty_report(const Model& model, const Reference& reference,
                              const VerifyMapsOptions& options) {
  VerifyMapsReport report;
  begin_report(model.session(), model.contract(), reference, report);
  report.tolerance = options.tolerance;
  return report;
}

/// The largest difference of logits that are recorded, in standard deviations.
double logits_difference(const Tensor& logits, const Tensor& recorded, double deviation) {
  const Tensor thinned = every_fourth(logits);
  if (thinned.shape != recorded.shape) return std::numeric_limits<double>::infinity();
  const std::vector<float> found = to_float(thinned);
  const std::vector<float> expected = to_float(recorded);
  double most = 0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    most = worse(most, std::abs(static_cast<double>(found[k]) - expected[k]));
  }
  return deviation > 0 ? most / deviation : most;
}

/// int32 [height, width]: for each pixel of a photo where its label is in a smaller or larger map.
Tensor places_of(const Tensor& labels, const ImageSize& size) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(labels.size()));
  std::iota(all.begin(), all.end(), 0);
  return resized_labels(make_tensor(labels.shape, std::move(all)), size[0], size[1]);
}

/// Classes pixel by pixel. \param room by how much logits may be apart where classes differ
void compare_labels(const Tensor& found, const RecordedLabels& recorded, double room,
                    MapResult& result) {
  const auto labels = found.as<std::int32_t>();
  const Tensor places = places_of(recorded.labels, result.size);
  const std::vector<std::int64_t> expected = to_int64(recorded.labels);
  const std::vector<float> margins = to_float(recorded.margin);
  std::size_t same = 0;
  std::size_t wrong = 0;
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const auto place = static_cast<std::size_t>(places.as<std::int32_t>()[k]);
    if (labels[k] == expected[place]) {
      ++same;
    } else if (!(margins[place] <= room)) {
      ++wrong;
    }
  }
  result.agreed = static_cast<double>(same) / static_cast<double>(labels.size());
  if (wrong == 0 || !result.reason.empty()) return;
  result.reason =
      fmt::format("{} of {} pixels have another class, which is no rounding", wrong, labels.size());
}

void compare_map(const LabelMap& found, const RecordedLabels& recorded,
                 const ClassTolerance& allowed, MapResult& result) {
  const double deviation = deviation_of(to_float(recorded.logits));
  if (found.logits.data != nullptr) {
    result.logits = logits_difference(found.logits, recorded.logits, deviation);
    const bool aux = found.aux.data != nullptr && recorded.aux != nullptr;
    if (aux) {
      const double other =
          logits_difference(found.aux, *recorded.aux, deviation_of(to_float(*recorded.aux)));
      result.logits = worse(*result.logits, other);
    }
    if (!(*result.logits <= allowed.logits)) {
      result.reason = fmt::format("a logit differs by {:.2g} standard deviations", *result.logits);
    }
  }
  compare_labels(found.labels, recorded, 2 * allowed.logits * deviation, result);
}

void compare_flows(const Tensor& found, const Tensor& expected, double allowed, MapResult& result) {
  const auto a = found.as<float>();
  const std::vector<float> b = to_float(expected);
  if (a.size() != b.size()) {
    result.reason = fmt::format("a flow of {}, in the reference of {}", shape_text(found.shape),
                                shape_text(expected.shape));
    return;
  }
  const std::size_t area = a.size() / 2;
  double most = 0;
  double sum = 0;
  for (std::size_t k = 0; k < area; ++k) {
    const double distance = std::hypot(static_cast<double>(a[k]) - b[k],
                                       static_cast<double>(a[area + k]) - b[area + k]);
    most = worse(most, distance);
    sum += distance;
  }
  result.end_point = most;
  result.mean_end_point = sum / static_cast<double>(area);
  if (most <= allowed) return;
  result.reason = fmt::format("the flow of a pixel ends {:.2g} pixels elsewhere", most);
}

}  // namespace

VerifyMapsReport verify(const Segmenter& segmenter, const Reference& reference,
                        const VerifyMapsOptions& options) {
  VerifyMapsReport report = empty_report(segmenter, reference, options);
  const ClassTolerance& allowed = options.tolerance.photo;
  const PreparedPixels pixels(segmenter.session(), segmenter.contract());
  compare_cases(reference, options.control, report,
                [&](const ReferenceCase& one, MapResult& result) {
                  const RecordedLabels recorded = recorded_labels(one, reference);
                  compare_map(segmenter.run(one.input)[0], recorded, allowed, result);
                  compare_pixels(one, pixels, *segmenter.contract().photo, result);
                });
  return report;
}

VerifyMapsReport verify(const Flow& flow, const Reference& reference,
                        const VerifyMapsOptions& options) {
  VerifyMapsReport report = empty_report(flow, reference, options);
  compare_cases(
      reference, options.control, report, [&](const ReferenceCase& one, MapResult& result) {
        const Tensor& expected = recorded_tensor(one, "flow", DType::kFloat32, 3, reference);
        require_two(one, reference);
        const Tensor found = flow.run(images_from(one.input, 0, 1), images_from(one.input, 1, 1));
        compare_flows(found, expected, options.tolerance.end_point, result);
      });
  return report;
}

}  // namespace tv2onnx
