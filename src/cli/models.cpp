// tv2onnx models [NAME]: what can be exported, and a model's settings. docs/models.md is what
// --markdown prints.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/answer_format.h"
#include "cli/command.h"
#include "cli/model_options.h"
#include "cli/print.h"
#include "tv2onnx/zoo.h"
#include "zoo/official_weights.h"

namespace tv2onnx::cli {
namespace {

/// "41.8 M", with the 91 classes of COCO.
std::string parameters_text(const Model& model) {
  const OfficialWeights& weights = official_weights(model.name, "DEFAULT");
  return fmt::format("{:.1f} M", static_cast<double>(weights.parameters) / 1e6);
}

std::string outputs_text(const Model& model) {
  return fmt::format("{}", fmt::join(model.outputs, ", "));
}

bool has_option(const Model& model, std::string_view name) {
  return std::ranges::find(model.options, name, &Option::name) != model.options.end();
}

/// What torch.save(model.state_dict()) leaves out, and an export needs.
std::string unstated_text(const Model& model) {
  if (model.task != Task::kDetection) {
    std::vector<std::string> names;
    if (model.task != Task::kFlow) names.emplace_back("image size, normalisation");
    for (const std::string_view name :
         {"norm_eps", "transform_input", "quantizable", "replace_stride_with_dilation", "dilated",
          "atrous_rates", "spatial_size", "num_flow_updates"}) {
      if (has_option(model, name)) names.emplace_back(name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }
  std::string text = "image size, normalisation, anchors, thresholds, limits, norm_eps";
  const bool zero = std::ranges::any_of(official_weights(), [&](const OfficialWeights& weights) {
    return weights.arch == model.name && weights.zero_eps;
  });
  return zero ? text + " (0 for the official COCO_V1 weights)" : text;
}

nlohmann::ordered_json as_json(const Model& model) {
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  for (const Option& option : model.options) {
    options[option.name] = {{"default", nlohmann::ordered_json::parse(to_json(option.standard))},
                            {"flag", flag_of(option.name)},
                            {"help", option.help}};
  }
  return {{"name", model.name},
          {"task", task_name(model.task)},
          {"description", model.description},
          {"parameters", official_weights(model.name, "DEFAULT").parameters},
          {"outputs", outputs_text(model)},
          {"not_in_a_state_dict", unstated_text(model)},
          {"options", options}};
}

std::string input_text(const Model& model) {
  constexpr std::string_view kAny = "of any size, batch, and number of channels";
  switch (model.task) {
    case Task::kDetection: return fmt::format("images {}", kAny);
    case Task::kVideo:
      return has_option(model, "spatial_size")
                 ? "normalised clips of one length and size, any batch"
                 : "normalised clips of any length, size, batch, and number of channels";
    case Task::kFlow: return "two images of -1 to 1, sides of 128, 136, 144, ..., any batch";
    default: return fmt::format("photos {}", kAny);
  }
}

std::string overview_markdown() {
  std::string text =
      "| model | task | parameters | input | outputs | not in a state dict |\n"
      "|---|---|---|---|---|---|\n";
  for (const Model& model : models()) {
    const bool detector = model.task == Task::kDetection;
    const std::string name =
        detector ? fmt::format("[`{0}`](#{0})", model.name) : fmt::format("`{}`", model.name);
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", name, task_name(model.task),
                        parameters_text(model), input_text(model), outputs_text(model),
                        unstated_text(model));
  }
  return text;
}

std::string settings_markdown(const Model& model) {
  std::string text = "| setting | default | meaning |\n|---|---|---|\n";
  for (const Option& option : model.options) {
    text +=
        fmt::format("| `{}` | `{}` | {} |\n", option.name, to_json(option.standard), option.help);
  }
  return text;
}

std::string as_markdown(const Model& model) {
  return fmt::format("## {}\n\n{}.\n\n{}", model.name, model.description, settings_markdown(model));
}

/// Others than detectors have few settings, and most of them the same ones.
std::string task_markdown(Task task, std::string_view title) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Model& model : models()) {
    if (model.task != task) continue;
    const std::string settings = settings_markdown(model);
    auto group =
        std::ranges::find_if(groups, [&](const auto& each) { return each.first == settings; });
    if (group == groups.end()) group = groups.insert(groups.end(), {settings, {}});
    group->second.push_back(fmt::format("`{}`", model.name));
  }
  std::string text = fmt::format("\n## {}\n", title);
  for (const auto& [settings, names] : groups) {
    text += fmt::format("\n{}:\n\n{}", fmt::join(names, ", "), settings);
  }
  return text;
}

std::string as_text(const Model& model) {
  std::vector<std::vector<std::string>> rows{{"SETTING", "DEFAULT", "MEANING"}};
  for (const Option& option : model.options) {
    rows.push_back({flag_of(option.name), to_json(option.standard), option.help});
  }
  return fmt::format("{}\n{}\n\n{}\n", model.name, model.description, table_text(rows));
}

int print_all(AnswerFormat format) {
  if (format == AnswerFormat::kMarkdown) {
    print_answer(
        "# Models\n\n"
        "Made by `tv2onnx models --markdown`. A setting has the name of torchvision's keyword "
        "argument;\n`--min-size` on the command line is `min_size` in a `--config` file.\n");
    print_answer("\n{}", overview_markdown());
    for (const Model& model : models()) {
      if (model.task == Task::kDetection) print_answer("\n{}", as_markdown(model));
    }
    print_answer("{}{}{}{}", task_markdown(Task::kClassification, "Classifiers"),
                 task_markdown(Task::kSegmentation, "Segmentation"),
                 task_markdown(Task::kVideo, "Video classifiers"),
                 task_markdown(Task::kFlow, "Optical flow"));
    return 0;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows{
      {"NAME", "TASK", "PARAMETERS", "OUTPUTS", "DESCRIPTION"}};
  for (const Model& model : models()) {
    list.push_back(as_json(model));
    rows.push_back({model.name, std::string(task_name(model.task)), parameters_text(model),
                    outputs_text(model), model.description});
  }
  print_answer("{}\n", format == AnswerFormat::kJson ? json_text(list) : table_text(rows));
  return 0;
}

int print_one(const Model& model, AnswerFormat format) {
  switch (format) {
    case AnswerFormat::kText: print_answer("{}", as_text(model)); break;
    case AnswerFormat::kMarkdown: print_answer("{}", as_markdown(model)); break;
    case AnswerFormat::kJson: print_answer("{}\n", json_text(as_json(model))); break;
  }
  return 0;
}

}  // namespace

void add_models(Command& program, Invocation& /*invocation*/) {
  Command* command = program.add_subcommand("models", "list the models that can be exported");
  auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "show the settings of this model, with their defaults");
  const auto flags = add_answer_format(*command);
  command->footer("tv2onnx models\ntv2onnx models fasterrcnn_resnet50_fpn");
  command->run = [name, flags] {
    const AnswerFormat format = flags->format();
    return name->empty() ? print_all(format) : print_one(find_model(*name), format);
  };
}

}  // namespace tv2onnx::cli
