// The reports of inspecting and exporting as JSON.

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/text.h"
#include "tv2onnx/export.h"
#include "tv2onnx/inspect.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Setting& setting) {
  return Json::parse(to_json(setting));
}

Json json_of(const std::vector<ModuleSetting>& settings) {
  Json all = Json::object();
  for (const ModuleSetting& setting : settings) {
    all[setting.option->name] = {{"value", json_of(*setting.value)},
                                 {"default", json_of(setting.option->standard)},
                                 {"differs", !setting.is_default}};
  }
  return all;
}

Json json_of(const std::vector<GlobalUse>& globals) {
  Json all = Json::array();
  for (const GlobalUse& global : globals) {
    all.push_back({{"name", printable(global.name, 1000)},
                   {"count", global.count},
                   {"would_run_code", global.would_run_code}});
  }
  return all;
}

Json json_of(const std::vector<NamedTensor>& tensors) {
  Json all = Json::array();
  for (const auto& [name, tensor] : tensors) {
    all.push_back({{"name", name}, {"dtype", dtype_name(tensor.dtype)}, {"shape", tensor.shape}});
  }
  return all;
}

}  // namespace

std::string to_json(const Checkpoint& checkpoint, const CheckpointReport& report, bool tensors) {
  const Recognition& guess = report.guess;
  const std::vector<std::string>& commands = report.commands;
  Json answer{{"kind", "checkpoint"},
              {"file", checkpoint.file},
              {"bytes", checkpoint.file_size},
              {"format", checkpoint_format_name(checkpoint.format)},
              {"description", checkpoint.description},
              {"state_dict_path", checkpoint.state_dict_path},
              {"stripped_prefix", checkpoint.stripped_prefix},
              {"models", checkpoint.choices},
              {"notes", report.notes},
              {"tensors", checkpoint.tensors.size()},
              {"parameters", report.parameters},
              {"dtypes", report.dtypes},
              {"architecture", guess.name},
              {"exportable", guess.model() != nullptr},
              {"reasons", guess.reasons},
              {"ambiguity", guess.ambiguity},
              {"assumed", guess.assumed},
              {"task", guess.model() != nullptr ? task_name(guess.model()->task) : ""},
              {"differences", guess.differences},
              {"classes", report.classes},
              {"class_names", report.names.names},
              {"settings", json_of(report.settings)},
              {"extras", json_of(Setting{checkpoint.extras})},
              {"globals", json_of(checkpoint.globals)},
              {"would_run_code", report.running_code > 0},
              {"next", commands.empty() ? "" : commands.front()}};
  if (commands.size() > 1) {
    answer["alternatives"] = std::vector(commands.begin() + 1, commands.end());
  }
  if (tensors) answer["tensor_list"] = json_of(checkpoint.tensors);
  return json_text(answer) + "\n";
}

std::string to_json(const ExportReport& report) {
  Json answer{{"output", report.output},
              {"architecture", report.arch},
              {"task", task_name(report.task)},
              {"ambiguity", report.guess.ambiguity},
              {"notes", report.notes},
              {"warnings", report.warnings},
              {"opset", report.opset},
              {"nodes", report.nodes},
              {"weights_used", report.weights_used},
              {"weights_total", report.weights_total},
              {"weights_replaced", report.weights_replaced},
              {"weights_compared", report.weights_compared},
              {"classes", report.classes},
              {"preparation", report.preparation},
              {"outputs", report.answer},
              {"onnx_runtime", onnx_runtime_of(report.opset)},
              {"bytes", report.written.model_bytes},
              {"data_bytes", report.written.data_bytes},
              {"seconds", report.seconds}};
  Json& settings = answer["settings"] = Json::object();
  for (const auto& [name, value, origin] : report.settings) {
    settings[name] = {{"value", Json::parse(value)}, {"origin", origin}};
  }
  Json& assumed = answer["assumed"] = Json::object();
  for (const auto& [name, value, origin] : report.assumed) assumed[name] = Json::parse(value);
  Json& unused = answer["not_used"] = Json::object();
  for (const auto& [name, value, place] : report.not_used) {
    unused[place] = {{"setting", name}, {"value", Json::parse(value)}};
  }
  return json_text(answer) + "\n";
}

}  // namespace tv2onnx
