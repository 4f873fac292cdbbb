// Running a foreign file on images that show what such files trip over.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/stable_sort.h"
#include "doctor/answer.h"
#include "doctor/failures.h"
#include "doctor/rule.h"
#include "doctor/trial_images.h"
#include "run/graph_contract.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using doctor::Answer;
using doctor::answer_of;
using doctor::cases_for;
using doctor::explanation_of;
using doctor::meant_for;
using doctor::understood;
using doctor::variant_image;
using Form = DetectionOutputs::Form;

constexpr float kConfident = 0.5F;
constexpr float kOutside = 2.0F;  // pixels that a box may leave the image by rounding
constexpr double kAsMuch = 0.95;  // of the best variant's sum of scores

LogExplanation observed(ErrorCode code, std::string cause, std::string remedy) {
  LogExplanation explanation;
  explanation.speaker = "tv2onnx";
  explanation.code = code;
  explanation.cause = std::move(cause);
  explanation.remedy = std::move(remedy);
  return explanation;
}

/// Something in the results that no working detector gives; nullopt: nothing.
std::optional<LogExplanation> nonsense(const Detector& detector, const Answer& answer,
                                       const Tensor& images) {
  for (const Tensor& output : answer.outputs) {
    if (!is_floating(output.dtype)) continue;
    const std::vector<float> values = to_float(output);
    if (std::ranges::any_of(values, [](float value) { return !std::isfinite(value); })) {
      return observed("D15", "results that are not numbers (NaN or infinite)",
                      "tv2onnx doctor MODEL.onnx shows the weights that are damaged");
    }
  }
  const std::vector<float> boxes = boxes_of(detector, answer);
  const auto limit = [&](std::size_t k) {
    return static_cast<float>(images.shape[k % 2 == 0 ? 2 : 1]) + kOutside;
  };
  std::size_t outside = 0;
  for (std::size_t k = 0; k < boxes.size(); ++k) outside += boxes[k] > limit(k) ? 1 : 0;
  if (outside == 0) return std::nullopt;
  return observed("D03",
                  fmt::format("{} box corners lie outside the image: the size that the model was "
                              "traced with is in the file",
                              outside),
                  "tv2onnx doctor MODEL.onnx --fix FIXED.onnx");
}

Tensor image_at(const Tensor& images, std::int64_t index) {
  const auto pixels = images.as<std::uint8_t>();
  const std::size_t size = pixels.size() / static_cast<std::size_t>(images.shape[0]);
  const auto begin = pixels.begin() + static_cast<std::ptrdiff_t>(size) * index;
  return make_tensor({1, images.shape[1], images.shape[2], images.shape[3]},
                     std::vector<std::uint8_t>(begin, begin + static_cast<std::ptrdiff_t>(size)));
}

/// Only the first image of a batch was answered: a flat list that is the first image's own.
bool ignores_the_rest(const Detector& detector, const Answer& answer, const Tensor& images) {
  const DetectionOutputs& outputs = detector.contract().outputs;
  if (images.shape[0] < 2 || outputs.form != Form::kFlat || outputs.batch_index) return false;
  const auto boxes = [&](std::int64_t index) {
    return boxes_of(detector, answer_of(detector, image_at(images, index), meant_for(detector)));
  };
  return boxes_of(detector, answer) == boxes(0) && !boxes(1).empty();
}

std::string outcome_text(const Detector& detector, const Answer& answer) {
  if (!understood(detector)) return fmt::format("runs, {} outputs", answer.outputs.size());
  const std::vector<float> scores = scores_of(detector, answer);
  if (scores.empty()) return "no detection";
  return fmt::format("{} detection{}, best {:.2f}", scores.size(), scores.size() > 1 ? "s" : "",
                     *std::ranges::max_element(scores));
}

TrialRun run_case(const Detector& detector, const InputCase& each) {
  const Answer answer = answer_of(detector, each.input, meant_for(detector));
  std::optional<LogExplanation> problem;
  if (!answer.failure.empty()) {
    problem = explanation_of(answer.failure);
  } else if (ignores_the_rest(detector, answer, each.input)) {
    problem = observed("D04", "only the first image of the batch was answered",
                       "one image per run, or tv2onnx doctor MODEL.onnx --rebuild NEW.onnx");
  } else {
    problem = nonsense(detector, answer, each.input);
  }
  const std::string_view how = answer.failure.empty() ? "wrong" : "fails";
  if (problem) return {each.name, std::string(how), false, *problem};
  return {each.name, outcome_text(detector, answer), true, {}};
}

/// Tries to make the network propose nothing: bright and coloured beyond its training.
TrialRun run_until_empty(const Detector& detector, const std::vector<InputCase>& cases,
                         const CallControl& control) {
  const std::string name = "forced empty";
  for (const InputCase& each : cases) {
    if (each.input.shape[0] != 1) continue;
    stop_if_cancelled(control);
    for (const Preparation& preparation : preparations_for(detector.contract().input.port.dtype)) {
      if (preparation.divided) continue;
      const Answer answer = answer_of(detector, each.input, preparation);
      if (!answer.failure.empty()) {
        return {name, "fails", false, explanation_of(answer.failure)};
      }
      if (understood(detector) && scores_of(detector, answer).empty())
        return {name, "no detection"};
    }
  }
  return {name, "there were always detections"};
}

TrialVariant run_variant(const Detector& detector, const Tensor& image,
                         const Preparation& preparation) {
  const Answer answer = answer_of(detector, image, preparation);
  TrialVariant variant{.name = std::string(preparation.name)};
  if (!answer.failure.empty()) {
    const ErrorCode code = explanation_of(answer.failure).code;
    variant.failure = fmt::format("fails ({})", code.empty() ? "?" : code.name());
    return variant;
  }
  for (const float score : scores_of(detector, answer)) {
    if (score < kConfident) continue;
    ++variant.detections;
    variant.mean_score += score;
  }
  if (variant.detections > 0) variant.mean_score /= static_cast<double>(variant.detections);
  return variant;
}

double weight(const TrialVariant& variant) {
  return static_cast<double>(variant.detections) * variant.mean_score;
}

std::string made_for(const Detector& detector, std::vector<TrialVariant> variants) {
  const bool known = detector.contract().input.range != PixelRange::kUnknown;
  const std::string_view wanted = meant_for(detector).name;
  std::string graph = known ? fmt::format("made for {}, as the graph says ({})", wanted,
                                          fmt::join(detector.contract().input.evidence, ", "))
                            : "the graph does not say what it was made for";
  if (!understood(detector)) return graph;
  sort_stably(variants, std::ranges::greater(), weight);
  const TrialVariant& best = variants[0];
  if (best.detections == 0) {
    return graph + "; nothing was found in any way: give --image PHOTO of what it was trained on";
  }
  const std::string evidence =
      fmt::format("{} detections of mean score {:.2f}", best.detections, best.mean_score);
  if (!known) return fmt::format("{}; most is found with {}: {}", graph, best.name, evidence);
  const auto meant = std::ranges::find(variants, wanted, &TrialVariant::name);
  if (meant != variants.end() && weight(*meant) >= kAsMuch * weight(best)) {
    return fmt::format("{}, and the trial agrees: {} detections of mean score {:.2f}", graph,
                       meant->detections, meant->mean_score);
  }
  return fmt::format("{}; {} gives {}, which is nonsense, or an image unlike its training", graph,
                     best.name, evidence);
}

/// The runtime refuses the model, or what it says of files beside it is wrong.
bool is_refusal(const Error& error) {
  constexpr auto kCodes = std::to_array<ErrorCode>({"R002", "C001", "C002", "O002"});
  return std::ranges::find(kCodes, error.code()) != kCodes.end();
}

/// Nothing if the file cannot be loaded, which is then the trial's only run.
std::optional<Detector> load(const std::filesystem::path& path, Trial& trial) {
  OnnxModel model = read_onnx_model(path);
  if (const auto found = doctor::reason_not_to_run(model)) {
    trial.runs.push_back(
        {"loading", "not tried", false, observed(found->code, found->what, found->remedy)});
    return std::nullopt;
  }
  try {
    Session session(path, {});
    Contract contract = read_contract(session, model);
    return Detector(std::move(session), std::move(contract));
  } catch (const Error& error) {
    if (!is_refusal(error)) throw;
    const ErrorParts& parts = error.parts();
    const LogExplanation explanation = explanation_of(
        parts.details.empty() ? parts.found : fmt::format("{}", fmt::join(parts.details, "\n")));
    trial.runs.push_back({"loading", "fails", false, explanation});
    return std::nullopt;
  }
}

}  // namespace

bool Trial::passed() const {
  return std::ranges::all_of(runs, &TrialRun::passed);
}

Trial try_out(const std::filesystem::path& path, const std::vector<Tensor>& photos,
              const CallControl& control) {
  Trial trial;
  const std::optional<Detector> detector = load(path, trial);
  if (!detector) return trial;
  std::vector<InputCase> cases = cases_for(*detector, photos);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    begin_step(control, {cases[k].name, k, cases.size()});
    trial.runs.push_back(run_case(*detector, cases[k]));
  }
  const auto failed = [&](std::size_t k) { return !trial.runs[k].passed; };
  // What fails anyway says nothing about an empty result.
  for (std::size_t k = cases.size(); k-- > 0;) {
    if (failed(k)) cases.erase(cases.begin() + static_cast<std::ptrdiff_t>(k));
  }
  if (!cases.empty()) trial.runs.push_back(run_until_empty(*detector, cases, control));
  const Tensor image = variant_image(*detector, photos);
  for (const Preparation& preparation : preparations_for(detector->contract().input.port.dtype)) {
    stop_if_cancelled(control);
    trial.variants.push_back(run_variant(*detector, image, preparation));
  }
  trial.made_for = made_for(*detector, trial.variants);
  return trial;
}

}  // namespace tv2onnx
