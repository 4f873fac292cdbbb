// What tv2onnx inspect says about a checkpoint.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/inspect.h"
#include "cli/model_options.h"
#include "cli/print.h"
#include "export/export_commands.h"
#include "export/notes.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/inspect.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {
namespace {

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

void print_weights(const Checkpoint& checkpoint, const CheckpointReport& report) {
  print_answer("{}  {}  {}\n", printable(checkpoint.file), size_text(checkpoint.file_size),
               printable(checkpoint.description));
  const std::string path = checkpoint.state_dict_path;
  std::vector<std::string> dtypes;
  for (const auto& [name, count] : report.dtypes)
    dtypes.push_back(fmt::format("{} {}", count, name));
  print_answer("weights       {} tensors ({}), {} parameters\n", checkpoint.tensors.size(),
               fmt::join(dtypes, ", "), count_text(report.parameters));
  print_answer(
      "weights at    {}{}\n", path.empty() ? "top level" : printable(path),
      checkpoint.stripped_prefix.empty()
          ? ""
          : fmt::format(", without the prefix '{}'", printable(checkpoint.stripped_prefix)));
  for (const std::string& note : report.notes)
    print_answer("              {}\n", printable(note, 1000));
  if (checkpoint.choices.size() < 2) return;
  std::vector<std::string> choices;
  for (const std::string& choice : checkpoint.choices) choices.push_back(printable(choice));
  print_answer("models        {}, of which the first is shown: {}\n", choices.size(),
               fmt::join(choices, ", "));
}

void print_architecture(const CheckpointReport& report) {
  const Recognition& guess = report.guess;
  print_answer("architecture  {}{}\n", guess.name.empty() ? "not known" : guess.name,
               guess.model() == nullptr && !guess.name.empty() ? " (cannot be exported)" : "");
  for (const std::string& reason : guess.reasons)
    print_answer("                {}\n", printable(reason));
  if (!guess.ambiguity.empty()) print_answer("                note: {}\n", guess.ambiguity);
  for (const std::string& difference : guess.differences) {
    print_answer("{}{}\n",
                 &difference == guess.differences.data() ? "differs       " : "              ",
                 printable(difference, kLongestShown));
  }
  for (const std::string& line : guess.assumed) {
    print_answer("                note: {}\n", printable(line, kLongestShown));
  }
  if (guess.model() != nullptr) {
    print_answer("task          {}\n", task_name(guess.model()->task));
  }
  if (const auto photo = report.photo) {
    const Preprocess prepared = preprocess_of({}, guess.model()->task);
    print_answer("input         {}\n", preparation_text(*photo, prepared));
  }
  if (guess.model() == nullptr && !guess.way_out.empty()) {
    print_answer("              {}\n", guess.way_out);
  }
  if (report.classes > 0) {
    print_answer("classes       {}\n", guess.model() != nullptr
                                           ? class_count_text(*guess.model(), report.classes)
                                           : std::to_string(report.classes));
  }
  if (!report.names.names.empty()) {
    std::vector<std::string> names;
    for (const std::string& name : report.names.names) names.push_back(printable(name, 40));
    print_answer("class names   {}  ({})\n", fmt::join(names, ", "), printable(report.names.place));
  }
  if (!report.names.note.empty())
    print_answer("class names   none: {}\n", printable(report.names.note, 1000));
}

/// What an export does if nothing else is said, as a state dict has no settings.
void print_assumed_settings(const CheckpointReport& report) {
  if (report.guess.model()->task != Task::kDetection) return;  // they are shown above
  std::vector<std::string> assumed;
  for (const Option& option : report.guess.model()->options) {
    if (option.standard.is_none() || !is_size_or_threshold(option.name)) continue;
    assumed.push_back(fmt::format("{} = {}", option.name, brief(option.standard)));
  }
  print_answer("settings      not in a state dict; these are the defaults of {}\n",
               report.guess.name);
  for (const auto& [name, value, origin] : report.guess.settings) {
    assumed.push_back(fmt::format("{} = {}  ({})", name, brief(value), origin));
  }
  print_answer("                {}\n", fmt::join(assumed, "\n                "));
}

/// What a training script wrote beside the weights and may have given to the builder.
void print_stated_settings(const Checkpoint& checkpoint, const CheckpointReport& report) {
  const Model& model = *report.guess.model();
  for (const auto& [name, value, place] :
       unused_settings(checkpoint, model, Config(model.options))) {
    print_answer("              in the file, not used: {} {}  ({})\n", flag_of(name),
                 printable(value, kLongestShown), printable(place));
  }
}

void print_settings(const Checkpoint& checkpoint, const CheckpointReport& report) {
  if (!report.settings.empty()) {
    std::vector<std::vector<std::string>> rows{{"  SETTING", "VALUE", "", "DEFAULT"}};
    for (const ModuleSetting& setting : report.settings) {
      rows.push_back({"  " + setting.option->name, brief(*setting.value),
                      setting.is_default ? "" : "differs",
                      setting.is_default ? "" : brief(setting.option->standard)});
    }
    print_answer("settings      of the module\n{}", table_text(rows));
  } else if (report.guess.model() != nullptr) {
    print_assumed_settings(report);
    print_stated_settings(checkpoint, report);
  }
  if (checkpoint.extras.empty()) return;
  print_answer("also in file  ");
  std::vector<std::string> members;
  for (const auto& [name, value] : checkpoint.extras) {
    members.push_back(fmt::format("{} = {}", printable(name, 60), brief(value)));
  }
  print_answer("{}\n", fmt::join(members, "\n              "));
}

void print_globals(const Checkpoint& checkpoint, const CheckpointReport& report) {
  if (checkpoint.format == CheckpointFormat::kSafetensors) return;
  print_answer(
      "refers to     {} Python classes and functions, {} (none was run)\n",
      checkpoint.globals.size(),
      report.running_code == 0 ? "all known" : fmt::format("{} unknown", report.running_code));
  if (report.running_code == 0) return;
  print_answer("              torch.load would import and run these:\n");
  for (const GlobalUse& global : checkpoint.globals) {
    if (global.would_run_code) {
      print_answer("                {} (used {} times)\n", printable(global.name), global.count);
    }
  }
}

void print_tensors(const Checkpoint& checkpoint) {
  std::vector<std::vector<std::string>> rows{{"TENSOR", "TYPE", "SHAPE"}};
  for (const NamedTensor& named : checkpoint.tensors) {
    rows.push_back({printable(named.name), std::string(dtype_name(named.tensor.dtype)),
                    shape_text(named.tensor.shape)});
  }
  print_answer("\n{}", table_text(rows));
}

/// Commands that run as printed, and what may be added to them.
void print_next(const Checkpoint& checkpoint, const CheckpointReport& report) {
  const std::vector<std::string>& commands = report.commands;
  for (std::size_t k = 0; k < commands.size(); ++k) {
    print_answer("{}{}\n", k == 0 ? "next          " : "  or          ", commands[k]);
  }
  if (commands.empty()) return;
  if (const std::int64_t channels = image_channels(checkpoint); channels != 3) {
    print_answer(
        "              0 and 1 leave {}-channel images as they are: give mean and deviation "
        "of the training\n",
        channels);
  }
  if (checkpoint.modules.empty() && report.guess.model()->task == Task::kDetection) {
    print_answer(
        "              with the builder arguments that you changed, such as --min-size 400: "
        "tv2onnx models {}\n",
        report.guess.name);
  }
  if (checkpoint.class_lists.empty() && report.classes > 0) {
    print_answer("              --class-names FILE.txt puts names into the file, one per line\n");
  }
}

}  // namespace

void show_checkpoint(const Checkpoint& checkpoint, const InspectOptions& options) {
  const CheckpointReport report = inspect(checkpoint);
  if (options.json) {
    print_answer("{}", to_json(checkpoint, report, options.tensors));
    return;
  }
  print_weights(checkpoint, report);
  print_architecture(report);
  print_settings(checkpoint, report);
  print_globals(checkpoint, report);
  if (options.tensors) print_tensors(checkpoint);
  print_next(checkpoint, report);
}

}  // namespace tv2onnx::cli
