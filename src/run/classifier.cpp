#include "tv2onnx/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "onnx/model.h"
#include "run/graph_contract.h"
#include "run/open_session.h"
#include "run/photo.h"
#include "run/prepare.h"
#include "run/refusals.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/detector.h"
#include "zoo/class_name_lists.h"

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
    for (ScoredClass& row : one.best)
      row.score = probabilities[static_cast<std::size_t>(row.label)];
    one.logits = std::move(scores);
  }
  for (const std::size_t feature : outputs.features) {
    Tensor part = part_of(results[feature], image);
    part.shape.insert(part.shape.begin(), 1);
    one.features.push_back(std::move(part));
  }
  return one;
}

/// What is done to the pixels that have their size.
Preparation last_step(const Contract& contract) {
  return contract.photo && contract.metadata.photo ? preparation_for(contract.input)
                                                   : trained_preparation_for(contract.input);
}

/// Where only their number says which classes they are.
void assume_names(const Session& session, Contract& contract, std::string& assumption) {
  const Shape& shape = session.outputs()[contract.answer.answer].shape;
  if (!contract.class_names.empty() || shape.empty()) return;
  StandardNames names = standard_class_names(contract.task, shape.back());
  if (names.names.empty()) return;
  contract.class_names = std::move(names.names);
  assumption += fmt::format("; class names: {}", names.data_set);
}

}  // namespace

Classifier::Classifier(const std::filesystem::path& model, const SessionOptions& options)
    : Classifier(open_session(model, options), {}) {
  if (contract_.metadata.input) return;
  OnnxModel graph = read_onnx_model(model);
  contract_ = read_contract(session_, graph);
  contract_.photo = assumed_photo(contract_.input, assumption_);
  assume_names(session_, contract_, assumption_);
}

Classifier::Classifier(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  if (contract_.origin.empty()) contract_ = read_contract(session_);
  require_task(session_, contract_, Task::kClassification);
  if (!contract_.known()) refuse_unknown(session_, contract_);
  if (!contract_.photo) contract_.photo = assumed_photo(contract_.input, assumption_);
}

std::string Classifier::name(std::int64_t label) const {
  return class_name(contract_.class_names, label);
}

Tensor Classifier::session_input(const Tensor& images) const {
  const std::int64_t channels = contract_.input.channels();
  const Tensor all = in_channels(contiguous(images), channels);
  require_images(all, channels, session_.file());
  const Tensor bytes = as_bytes(all);
  if (contract_.preprocess == Preprocess::kFull) {
    return prepare(bytes, contract_.input, preparation_for(contract_.input));
  }
  return prepare(resized_and_cropped(bytes, *contract_.photo), contract_.input,
                 last_step(contract_));
}

std::vector<Classification> Classifier::run(const Tensor& images) const {
  std::vector<Classification> all;
  const Tensor input = session_input(images);
  const std::int64_t count = images.shape[0];
  const bool one_by_one = contract_.input.batch() == 1;
  require_batch(count, contract_, session_.file());
  for (std::int64_t k = 0; k < (one_by_one ? count : 1); ++k) {
    const Tensor part = one_by_one ? images_from(input, k, 1) : input;
    const std::vector<Tensor> results = session_.run({part});
    for (std::int64_t j = 0; j < (one_by_one ? 1 : count); ++j) {
      all.push_back(classification_of(results, contract_.answer, static_cast<std::size_t>(j)));
    }
  }
  return all;
}

}  // namespace tv2onnx
