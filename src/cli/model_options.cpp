#include "cli/model_options.h"

#include <algorithm>
#include <set>

#include "base/mapped_file.h"
#include "base/text.h"
#include "cli/help.h"
#include "tv2onnx/error.h"
#include "zoo/option_text.h"

namespace tv2onnx::cli {
namespace {

/// Keyword arguments that only training uses; a config file that has them means no harm.
constexpr auto kOnlyForTraining = std::to_array<std::string_view>(
    {"rpn_pre_nms_top_n_train", "rpn_post_nms_top_n_train", "rpn_fg_iou_thresh",
     "rpn_bg_iou_thresh", "rpn_batch_size_per_image", "rpn_positive_fraction", "box_fg_iou_thresh",
     "box_bg_iou_thresh", "box_batch_size_per_image", "box_positive_fraction", "weights",
     "weights_backbone", "progress", "trainable_backbone_layers", "num_classes", "pretrained",
     "pretrained_backbone"});

std::vector<ExportOptions::Override> read_config(const std::string& path) {
  Setting config;
  try {
    config = parse_json(read_text_file(path));
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  if (config.dict() == nullptr) {
    throw Error({.code = "U005",
                 .found = "the configuration is not a JSON object",
                 .where = {.file = path},
                 .expected = R"(torchvision keywords, such as {"box_score_thresh": 0.5})"});
  }
  std::vector<ExportOptions::Override> overrides;
  for (const auto& [name, value] : *config.dict()) {
    if (std::ranges::find(kOnlyForTraining, name) != kOnlyForTraining.end()) continue;
    overrides.push_back({name, value, path});
  }
  return overrides;
}

Argument* add_model_option(Command& command, const Option& option,
                           std::map<std::string, std::string>& values) {
  // What is off unless asked for needs no value.
  if (option.standard.boolean() != nullptr && !*option.standard.boolean()) {
    const auto set = [&values, name = option.name](bool on) {
      values[name] = on ? "true" : "false";
    };
    return command.add_flag_function(flag_of(option.name), set, option.help)->group(kSettingsGroup);
  }
  const auto take = [&values, name = option.name](const std::string& text) { values[name] = text; };
  return command.add_option_function(flag_of(option.name), take, option.help)
      ->type_name("VALUE")
      ->group(kSettingsGroup);
}

}  // namespace

void add_prefix_option(Command& command, std::string& prefix) {
  command
      .add_option("--prefix", prefix,
                  "which model of several: its place (model_ema) or prefix (student.)")
      ->type_name("NAME");
}

std::vector<Argument*> add_model_options(Command& command,
                                         std::map<std::string, std::string>& values) {
  std::vector<Argument*> added;
  std::set<std::string> known;
  for (const Model& model : models()) {
    for (const Option& option : model.options) {
      if (!known.insert(option.name).second) continue;
      added.push_back(add_model_option(command, option, values));
    }
  }
  return added;
}

std::vector<ExportOptions::Override> overrides_of(
    const std::string& config, const std::map<std::string, std::string>& values) {
  std::vector<ExportOptions::Override> overrides;
  if (!config.empty()) overrides = read_config(config);
  for (const auto& [name, text] : values) {
    overrides.push_back({name, setting_from_text(name, text), flag_of(name)});
  }
  return overrides;
}

}  // namespace tv2onnx::cli
