#include "serve/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace tv2onnx::serve {
namespace {

template <typename Result>
std::vector<Found> as_found(std::vector<Result> results) {
  std::vector<Found> all;
  all.reserve(results.size());
  for (Result& result : results) all.emplace_back(std::move(result));
  return all;
}

template <typename Model>
std::vector<Found> run_on(const Model& model, const Tensor& images) {
  if constexpr (std::is_same_v<Model, VideoClassifier> || std::is_same_v<Model, Flow>) {
    throw Error({.code = "R007",
                 .found = fmt::format("the model is a {}, which does not take single images",
                                      model_noun(model.contract().task)),
                 .expected = "POST /v2/models/NAME/infer with its inputs"});
  } else {
    return as_found(model.run(images));
  }
}

/// How many images may run at once. What others made may not keep images apart: a batch that a
/// trace unrolled, scales that are computed over all of it.
BatchOptions allowed(BatchOptions options, const Contract& contract) {
  if (contract.metadata.version.empty() || contract.input.batch() >= 0) options.most = 1;
  return options;
}

}  // namespace

std::vector<Found> run_images(const Runner& runner, const Tensor& images) {
  return std::visit([&](const auto& model) { return run_on(model, images); }, runner);
}

ServedModel::ServedModel(std::string name, Runner runner, const BatchOptions& batch)
    : name_(std::move(name)),
      runner_(std::move(runner)),
      counts_(std::make_unique<ModelCounts>()),
      batcher_(std::make_unique<Batcher>(
          allowed(batch, contract_of(runner_)),
          [this](const Tensor& images) { return run_images(runner_, images); })) {}

ModelMetrics ServedModel::metrics() const {
  return {name_, counts_.get(), batcher_->runs(), batcher_->waiting()};
}

void count_run(ModelCounts& counts, const JobTimes& times) {
  ++counts.inferences;
  counts.queue_us += microseconds(times.queued);
  counts.infer_us += microseconds(times.run);
}

std::string reason_of(const Error& error) {
  const ErrorParts& parts = error.parts();
  std::string text = fmt::format("[{}] {}", parts.code.name(), printable(parts.found, 1000));
  if (!parts.where.item.empty()) text += fmt::format(" ({})", printable(parts.where.item, 200));
  if (!parts.expected.empty()) text += "; expected " + printable(parts.expected, 1000);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

int status_of(const Error& error) {
  static constexpr auto kOurs = std::to_array<ErrorCode>({"R003", "R007", "X001", "X002"});
  return std::ranges::find(kOurs, error.code()) == kOurs.end() ? 400 : 500;
}

}  // namespace tv2onnx::serve
