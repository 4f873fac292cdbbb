// What tv2onnx inspect says about a checkpoint.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/inspect.h"
#include "cli/inspect_next.h"
#include "cli/inspect_settings.h"
#include "export/notes.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/zoo.h"
#include "zoo/shared_options.h"

namespace tv2onnx::cli {
namespace {

struct Facts {
  Recognition guess;
  std::int64_t classes = 0;
  std::vector<FoundSetting> settings;
  std::int64_t parameters = 0;
  std::map<std::string_view, std::size_t> dtypes;
  std::size_t running_code = 0;  ///< globals that torch.load would run
};

/// Statistics of batch normalisation are no parameters, but floating.
bool is_parameter(const NamedTensor& named) {
  return is_floating(named.tensor.dtype) && !named.name.ends_with("running_mean") &&
         !named.name.ends_with("running_var");
}

bool is_classifier(const Model* model) {
  return model != nullptr && model->task == Task::kClassification;
}

Facts facts_of(const Checkpoint& checkpoint) {
  Facts facts;
  facts.guess = recognise(checkpoint);
  const Model* model = facts.guess.model();
  facts.classes = is_classifier(model) ? facts.guess.classes : class_count(checkpoint);
  if (model != nullptr) {
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

/// A value in one short line; equal members of a list are counted.
std::string brief(const Setting& value) {
  constexpr std::size_t kLength = 60;
  const std::string text = to_json(value);
  const SettingList* list = value.list();
  if (text.size() > kLength && list != nullptr && list->size() > 1 &&
      std::ranges::all_of(*list,
                          [&](const Setting& one) { return same_meaning(one, list->front()); })) {
    return fmt::format("{} x {}", list->size(), brief(list->front()));
  }
  if (text.size() > kLength && value.dict() != nullptr) {
    return fmt::format("a dict of {} members", value.dict()->size());
  }
  return printable(text, kLength);
}

std::string count_text(std::int64_t count) {
  constexpr std::int64_t kMillion = 1'000'000;
  if (count < kMillion) return std::to_string(count);
  return fmt::format("{:.2f} million", static_cast<double>(count) / kMillion);
}

void print_weights(const Checkpoint& checkpoint, const Facts& facts) {
  fmt::print("{}  {}  {}\n", printable(checkpoint.file), size_text(checkpoint.file_size),
             checkpoint.description);
  const std::string path = checkpoint.state_dict_path;
  std::vector<std::string> dtypes;
  for (const auto& [name, count] : facts.dtypes)
    dtypes.push_back(fmt::format("{} {}", count, name));
  fmt::print("weights       {} tensors ({}), {} parameters\n", checkpoint.tensors.size(),
             fmt::join(dtypes, ", "), count_text(facts.parameters));
  fmt::print("weights at    {}{}\n", path.empty() ? "top level" : printable(path),
             checkpoint.stripped_prefix.empty()
                 ? ""
                 : fmt::format(", without the prefix '{}'", checkpoint.stripped_prefix));
}

void print_architecture(const Checkpoint& checkpoint, const Facts& facts) {
  const Recognition& guess = facts.guess;
  fmt::print("architecture  {}{}\n", guess.name.empty() ? "not known" : guess.name,
             guess.model() == nullptr && !guess.name.empty() ? " (cannot be exported)" : "");
  for (const std::string& reason : guess.reasons) fmt::print("                {}\n", reason);
  if (!guess.ambiguity.empty()) fmt::print("                note: {}\n", guess.ambiguity);
  for (const std::string& difference : guess.differences) {
    fmt::print("{}{}\n",
               &difference == guess.differences.data() ? "differs       " : "              ",
               difference);
  }
  for (const std::string& line : guess.assumed) fmt::print("                note: {}\n", line);
  if (guess.model() != nullptr) {
    fmt::print("task          {}\n", task_name(guess.model()->task));
  }
  if (is_classifier(guess.model())) {
    const auto normalisation = read_options<Normalisation>(Config(guess.model()->options));
    fmt::print("input         {}\n", preparation_text(normalisation.mean, normalisation.std));
  }
  if (facts.classes > 0) {
    fmt::print("classes       {}{}\n", facts.classes,
               is_classifier(guess.model()) ? "" : " with background");
  }
  if (!checkpoint.class_names.empty()) {
    std::vector<std::string> names;
    for (const std::string& name : checkpoint.class_names) names.push_back(printable(name, 40));
    fmt::print("class names   {}\n", fmt::join(names, ", "));
  }
}

/// What an export does if nothing else is said, as a state dict has no settings.
void print_assumed_settings(const Facts& facts) {
  if (is_classifier(facts.guess.model())) return;
  std::vector<std::string> assumed;
  for (const Option& option : facts.guess.model()->options) {
    if (option.standard.is_none() || !is_size_or_threshold(option.name)) continue;
    assumed.push_back(fmt::format("{} = {}", option.name, brief(option.standard)));
  }
  fmt::print("settings      not in a state dict; these are the defaults of {}\n", facts.guess.name);
  fmt::print("                {}\n", fmt::join(assumed, "\n                "));
}

void print_settings(const Checkpoint& checkpoint, const Facts& facts) {
  if (!facts.settings.empty()) {
    std::vector<std::vector<std::string>> rows{{"  SETTING", "VALUE", "", "DEFAULT"}};
    for (const FoundSetting& setting : facts.settings) {
      rows.push_back({"  " + setting.option->name, brief(*setting.value),
                      setting.is_default ? "" : "differs",
                      setting.is_default ? "" : brief(setting.option->standard)});
    }
    fmt::print("settings      of the module\n{}", table_text(rows));
  } else if (facts.guess.model() != nullptr) {
    print_assumed_settings(facts);
  }
  if (checkpoint.extras.empty()) return;
  fmt::print("also in file  ");
  std::vector<std::string> members;
  for (const auto& [name, value] : checkpoint.extras) {
    members.push_back(fmt::format("{} = {}", printable(name, 60), brief(value)));
  }
  fmt::print("{}\n", fmt::join(members, "\n              "));
}

void print_globals(const Checkpoint& checkpoint, const Facts& facts) {
  if (checkpoint.format == CheckpointFormat::kSafetensors) return;
  fmt::print("refers to     {} Python classes and functions, {} (none was run)\n",
             checkpoint.globals.size(),
             facts.running_code == 0 ? "all known" : fmt::format("{} unknown", facts.running_code));
  if (facts.running_code == 0) return;
  fmt::print("              torch.load would import and run these:\n");
  for (const GlobalUse& global : checkpoint.globals) {
    if (global.would_run_code) {
      fmt::print("                {} (used {} times)\n", printable(global.name), global.count);
    }
  }
}

void print_tensors(const Checkpoint& checkpoint) {
  std::vector<std::vector<std::string>> rows{{"TENSOR", "TYPE", "SHAPE"}};
  for (const NamedTensor& named : checkpoint.tensors) {
    rows.push_back({printable(named.name), std::string(dtype_name(named.tensor.dtype)),
                    shape_text(named.tensor.shape)});
  }
  fmt::print("\n{}", table_text(rows));
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

Json json_of(const Checkpoint& checkpoint, const Facts& facts, bool tensors) {
  const std::vector<std::string> commands = export_commands(checkpoint, facts.guess);
  Json globals = Json::array();
  for (const GlobalUse& global : checkpoint.globals) {
    globals.push_back({{"name", printable(global.name, 1000)},
                       {"count", global.count},
                       {"would_run_code", global.would_run_code}});
  }
  Json answer{{"kind", "checkpoint"},
              {"file", checkpoint.file},
              {"bytes", checkpoint.file_size},
              {"format", checkpoint_format_name(checkpoint.format)},
              {"description", checkpoint.description},
              {"state_dict_path", checkpoint.state_dict_path},
              {"stripped_prefix", checkpoint.stripped_prefix},
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
              {"class_names", checkpoint.class_names},
              {"settings", settings_json(facts)},
              {"extras", json_of(Setting{checkpoint.extras})},
              {"globals", globals},
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

}  // namespace

void show_checkpoint(const Checkpoint& checkpoint, const InspectOptions& options) {
  const Facts facts = facts_of(checkpoint);
  if (options.json) {
    // Names come from the file; what is no UTF-8 in them is replaced.
    fmt::print("{}\n", json_of(checkpoint, facts, options.tensors)
                           .dump(2, ' ', false, Json::error_handler_t::replace));
    return;
  }
  print_weights(checkpoint, facts);
  print_architecture(checkpoint, facts);
  print_settings(checkpoint, facts);
  print_globals(checkpoint, facts);
  if (options.tensors) print_tensors(checkpoint);
  print_next(checkpoint, facts.guess);
}

}  // namespace tv2onnx::cli
