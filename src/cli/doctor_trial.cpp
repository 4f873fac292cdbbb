#include "cli/doctor_trial.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tv2onnx/image.h"

namespace tv2onnx::cli {
namespace {

std::string runs_text(const Trial& trial) {
  std::vector<std::vector<std::string>> rows{{"INPUT", "CODE", "OUTCOME"}};
  for (const TrialRun& run : trial.runs) {
    rows.push_back({run.input, run.passed ? "ok" : run.explanation.code, run.outcome});
  }
  return table_text(rows);
}

std::string variants_text(const Trial& trial) {
  std::vector<std::vector<std::string>> rows{{"PREPARED AS", "DETECTIONS", "MEAN SCORE", ""}};
  for (const TrialVariant& variant : trial.variants) {
    rows.push_back({variant.name, std::to_string(variant.detections),
                    variant.detections > 0 ? fmt::format("{:.2f}", variant.mean_score) : "-",
                    variant.failure});
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
  return fmt::format("{}\n{}{}\n", runs_text(trial), variants_text(trial), trial.made_for);
}

nlohmann::ordered_json trial_json(const Trial& trial) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const TrialRun& run : trial.runs) {
    runs.push_back({{"input", run.input},
                    {"passed", run.passed},
                    {"outcome", run.outcome},
                    {"code", run.explanation.code},
                    {"remedy", run.explanation.remedy}});
  }
  nlohmann::ordered_json variants = nlohmann::ordered_json::array();
  for (const TrialVariant& variant : trial.variants) {
    variants.push_back({{"name", variant.name},
                        {"detections", variant.detections},
                        {"mean_score", variant.mean_score},
                        {"failure", variant.failure}});
  }
  return {{"passed", trial.passed()},
          {"runs", runs},
          {"variants", variants},
          {"made_for", trial.made_for}};
}

}  // namespace tv2onnx::cli
