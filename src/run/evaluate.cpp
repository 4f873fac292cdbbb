#include "tv2onnx/evaluate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "run/each_image.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kTop = 5;

/// The place of the right class among the best ones.
std::size_t rank_of(const Classification& found, std::int64_t label) {
  const auto place = std::ranges::find(found.best, label, &ScoredClass::label);
  return static_cast<std::size_t>(place - found.best.begin());
}

}  // namespace

EvaluateReport evaluate(const Classifier& classifier, const std::vector<LabelledImage>& images,
                        const EvaluateOptions& options) {
  EvaluateReport report{.model = classifier.session().file(), .failures = {}};
  for (std::size_t k = 0; k < images.size(); ++k) {
    const auto& [file, label] = images[k];
    const std::string name = file.string();
    begin_step(options.control, {name, k, images.size()});
    try {
      const Classification found = classifier.run(read_image(file, options.image))[0];
      const std::size_t rank = rank_of(found, label);
      ++report.images;
      report.top1 += rank == 0 ? 1 : 0;
      report.top5 += rank < std::min(kTop, found.best.size()) ? 1 : 0;
    } catch (const Error& error) {
      if (!concerns_one_image(error.code())) throw;
      report.failures.push_back(error_line(file, error));
    }
  }
  return report;
}

std::string to_json(const EvaluateReport& report) {
  const auto share = [&](std::size_t count) {
    return report.images == 0 ? 0.0
                              : static_cast<double>(count) / static_cast<double>(report.images);
  };
  return json_text({{"model", report.model},
                    {"task", "classification"},
                    {"images", report.images},
                    {"top1", share(report.top1)},
                    {"top5", share(report.top5)},
                    {"right", report.top1},
                    {"right_in_5", report.top5},
                    {"failures", report.failures}}) +
         "\n";
}

}  // namespace tv2onnx
