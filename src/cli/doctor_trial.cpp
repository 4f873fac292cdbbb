#include "cli/doctor_trial.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "base/text.h"
#include "tv2onnx/image.h"

namespace tv2onnx::cli {
namespace {

std::string code_text(ErrorCode code) {
  return code.empty() ? "?" : std::string(code.name());
}

std::string runs_text(const Trial& trial) {
  std::vector<std::vector<std::string>> rows{{"INPUT", "VERDICT", "OUTCOME"}};
  for (const TrialRun& run : trial.runs) {
    rows.push_back({run.input, run.passed ? "ok" : code_text(run.explanation.code), run.outcome});
  }
  return table_text(rows);
}

/// A remedy for any model as one for this model, so that it runs as printed.
std::string for_model(std::string remedy, const std::string& model) {
  const std::filesystem::path file(model);
  const auto beside = [&](std::string_view suffix) {
    const std::string name = fmt::format("{}_{}.onnx", file.stem().string(), suffix);
    return shell_quoted((file.parent_path() / name).string());
  };
  const auto replace = [&](std::string_view word, const std::string& name) {
    const std::size_t at = remedy.find(word);
    if (at != std::string::npos) remedy.replace(at, word.size(), name);
  };
  replace("MODEL.onnx", shell_quoted(model));
  replace("FIXED.onnx", beside("fixed"));
  replace("NEW.onnx", beside("rebuilt"));
  return remedy;
}

/// What went wrong, each code once.
std::string problems_text(const Trial& trial, const std::string& model) {
  std::string text;
  std::set<ErrorCode> seen;
  for (const TrialRun& run : trial.runs) {
    const LogExplanation& problem = run.explanation;
    if (run.passed || !seen.insert(problem.code).second) continue;
    text += fmt::format("\n{:<4} {}\n", code_text(problem.code), printable(problem.cause, 1000));
    if (problem.remedy.empty()) continue;
    text += fmt::format("     remedy   {}\n", for_model(problem.remedy, model));
  }
  return text;
}

std::string variants_text(const Trial& trial) {
  std::vector<std::vector<std::string>> rows{{"PREPARED AS", "DETECTIONS", "MEAN SCORE"}};
  for (const TrialVariant& variant : trial.variants) {
    const bool any = variant.detections > 0;
    rows.push_back({variant.name,
                    variant.failure.empty() ? std::to_string(variant.detections) : variant.failure,
                    any ? fmt::format("{:.2f}", variant.mean_score) : "-"});
  }
  return table_text(rows);
}

}  // namespace

Trial run_trial(const std::string& model, const std::vector<std::string>& photos) {
  std::vector<Tensor> images;
  for (const std::string& photo : photos) images.push_back(read_image(photo));
  return try_out(model, images);
}

std::string trial_text(const Trial& trial, const std::string& model) {
  return fmt::format("{}{}\n{}{}\n", runs_text(trial), problems_text(trial, model),
                     variants_text(trial), printable(trial.made_for, 1000));
}

}  // namespace tv2onnx::cli
