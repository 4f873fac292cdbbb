#include "cli/inspect_facts.h"

#include <algorithm>

#include "base/text.h"
#include "cli/inspect_next.h"
#include "export/notes.h"
#include "zoo/photo_input.h"

namespace tv2onnx::cli {
namespace {

/// Statistics of batch normalisation are no parameters, but floating.
bool is_parameter(const NamedTensor& named) {
  return is_floating(named.tensor.dtype) && !named.name.ends_with("running_mean") &&
         !named.name.ends_with("running_var");
}

using Json = nlohmann::ordered_json;

Json json_of(const Setting& setting) {
  return Json::parse(to_json(setting));
}

Json settings_json(const Facts& facts) {
  Json settings = Json::object();
  for (const FoundSetting& setting : facts.settings) {
    settings[setting.option->name] = {{"value", json_of(*setting.value)},
                                      {"default", json_of(setting.option->standard)},
                                      {"differs", !setting.is_default}};
  }
  return settings;
}

Json globals_json(const Checkpoint& checkpoint) {
  Json globals = Json::array();
  for (const GlobalUse& global : checkpoint.globals) {
    globals.push_back({{"name", printable(global.name, 1000)},
                       {"count", global.count},
                       {"would_run_code", global.would_run_code}});
  }
  return globals;
}

}  // namespace

Facts facts_of(const Checkpoint& checkpoint) {
  Facts facts;
  facts.guess = recognise(checkpoint);
  const Model* model = facts.guess.model();
  const bool classifier = model != nullptr && model->task == Task::kClassification;
  facts.classes = classifier ? facts.guess.classes : class_count(checkpoint);
  facts.names = found_class_names(checkpoint, facts.classes, !classifier);
  if (model != nullptr) {
    Config config(model->options);
    for (const auto& [name, value, origin] : facts.guess.settings) config.set(name, value, origin);
    facts.photo = photo_of(config);
    facts.settings = found_settings(*facts.guess.model(), checkpoint);
  }
  for (const NamedTensor& named : checkpoint.tensors) {
    if (is_parameter(named)) facts.parameters += named.tensor.size();
    ++facts.dtypes[dtype_name(named.tensor.dtype)];
  }
  facts.running_code = static_cast<std::size_t>(
      std::ranges::count_if(checkpoint.globals, &GlobalUse::would_run_code));
  return facts;
}

Json json_of(const Checkpoint& checkpoint, const Facts& facts, bool tensors) {
  const std::vector<std::string> commands = export_commands(checkpoint, facts.guess);
  Json answer{{"kind", "checkpoint"},
              {"file", checkpoint.file},
              {"bytes", checkpoint.file_size},
              {"format", checkpoint_format_name(checkpoint.format)},
              {"description", checkpoint.description},
              {"state_dict_path", checkpoint.state_dict_path},
              {"stripped_prefix", checkpoint.stripped_prefix},
              {"models", checkpoint.choices},
              {"notes", opening_notes(checkpoint)},
              {"tensors", checkpoint.tensors.size()},
              {"parameters", facts.parameters},
              {"dtypes", facts.dtypes},
              {"architecture", facts.guess.name},
              {"exportable", facts.guess.model() != nullptr},
              {"reasons", facts.guess.reasons},
              {"ambiguity", facts.guess.ambiguity},
              {"assumed", facts.guess.assumed},
              {"task", facts.guess.model() != nullptr ? task_name(facts.guess.model()->task) : ""},
              {"differences", facts.guess.differences},
              {"classes", facts.classes},
              {"class_names", facts.names.names},
              {"settings", settings_json(facts)},
              {"extras", json_of(Setting{checkpoint.extras})},
              {"globals", globals_json(checkpoint)},
              {"would_run_code", facts.running_code > 0},
              {"next", commands.empty() ? "" : commands.front()}};
  if (commands.size() > 1) {
    answer["alternatives"] = std::vector(commands.begin() + 1, commands.end());
  }
  if (!tensors) return answer;
  Json& list = answer["tensor_list"] = Json::array();
  for (const NamedTensor& named : checkpoint.tensors) {
    list.push_back({{"name", named.name},
                    {"dtype", dtype_name(named.tensor.dtype)},
                    {"shape", named.tensor.shape}});
  }
  return answer;
}

}  // namespace tv2onnx::cli
