// The doctor's reports as JSON.

#include <functional>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

Json list_of(const auto& items, auto convert) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(std::invoke(convert, item));
  return list;
}

Json finding_json(const Finding& finding) {
  return {{"code", finding.code.name()}, {"damage", damage_text(finding.damage)},
          {"what", finding.what},        {"evidence", finding.evidence},
          {"symptom", finding.symptom},  {"since", finding.since},
          {"remedy", finding.remedy},    {"repairable", finding.repairable},
          {"source", finding.source}};
}

Json diagnosis_json(const Diagnosis& diagnosis) {
  return {{"file", diagnosis.file},
          {"healthy", diagnosis.healthy()},
          {"verdict", diagnosis.verdict},
          {"findings", list_of(diagnosis.findings, finding_json)}};
}

Json explanation_json(const LogExplanation& explanation) {
  return {{"line", explanation.line},         {"text", explanation.text},
          {"speaker", explanation.speaker},   {"code", explanation.code.name()},
          {"harmless", explanation.harmless}, {"cause", explanation.cause},
          {"remedy", explanation.remedy},     {"source", explanation.source}};
}

Json run_json(const TrialRun& run) {
  const bool unknown = !run.passed && run.explanation.code.empty();
  return {{"input", run.input},
          {"passed", run.passed},
          {"outcome", run.outcome},
          {"code", unknown ? "?" : run.explanation.code.name()},
          {"cause", run.explanation.cause},
          {"remedy", run.explanation.remedy}};
}

Json variant_json(const TrialVariant& variant) {
  return {{"name", variant.name},
          {"detections", variant.detections},
          {"mean_score", variant.mean_score},
          {"failure", variant.failure}};
}

Json trial_json(const Trial& trial) {
  return {{"passed", trial.passed()},
          {"runs", list_of(trial.runs, run_json)},
          {"variants", list_of(trial.variants, variant_json)},
          {"made_for", trial.made_for}};
}

Json proof_json(const ProofRow& row) {
  return {{"input", row.input},
          {"before", row.before},
          {"after", row.after},
          {"verdict", row.verdict},
          {"failure", row.failure}};
}

}  // namespace

std::string to_json(const Diagnosis& diagnosis, const Trial* trial) {
  Json answer = diagnosis_json(diagnosis);
  if (trial != nullptr) answer["trial"] = trial_json(*trial);
  return json_text(answer);
}

std::string to_json(const FixReport& fixed) {
  return json_text({{"before", diagnosis_json(fixed.before)},
                    {"after", diagnosis_json(fixed.after)},
                    {"repaired", list_of(fixed.repaired, &ErrorCode::name)},
                    {"proof", list_of(fixed.proof, proof_json)}});
}

std::string to_json(const Rebuilt& rebuilt, const std::filesystem::path& output) {
  const ExportReport& report = rebuilt.exported;
  Json answer{{"output", output.string()},
              {"source", rebuilt.source},
              {"architecture", report.arch},
              {"classes", report.classes},
              {"nodes", report.nodes},
              {"weights_used", report.weights_used},
              {"bytes", report.written.model_bytes},
              {"data_bytes", report.written.data_bytes},
              {"defaults", rebuilt.defaults},
              {"notes", rebuilt.notes},
              {"kept", rebuilt.kept},
              {"doubt", rebuilt.doubt}};
  auto& settings = answer["settings"] = Json::object();
  for (const auto& [name, value, origin] : report.settings) {
    // The file stands for a checkpoint.
    settings[name] = {{"value", Json::parse(value)},
                      {"origin", origin == "checkpoint" ? "the file" : origin}};
  }
  answer["proof"] = list_of(rebuilt.proof, proof_json);
  return json_text(answer);
}

std::string to_json(const std::vector<LogExplanation>& explanations) {
  return json_text({{"recognised", !explanations.empty()},
                    {"explanations", list_of(explanations, explanation_json)}});
}

}  // namespace tv2onnx
