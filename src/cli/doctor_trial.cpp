#include "cli/doctor_trial.h"

#include <fmt/format.h>

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

/// What went wrong, each code once.
std::string problems_text(const Trial& trial) {
  std::string text;
  std::set<ErrorCode> seen;
  for (const TrialRun& run : trial.runs) {
    const LogExplanation& problem = run.explanation;
    if (run.passed || !seen.insert(problem.code).second) continue;
    text += fmt::format("\n{:<4} {}\n", code_text(problem.code), problem.cause);
    if (!problem.remedy.empty()) text += fmt::format("     remedy   {}\n", problem.remedy);
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

std::string trial_text(const Trial& trial) {
  return fmt::format("{}{}\n{}{}\n", runs_text(trial), problems_text(trial), variants_text(trial),
                     trial.made_for);
}

}  // namespace tv2onnx::cli
