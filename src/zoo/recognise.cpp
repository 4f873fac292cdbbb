// Tells the architecture of a checkpoint: the families by keys, their members by building them.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "nn/module_differences.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"
#include "zoo/class_outputs.h"
#include "zoo/families.h"
#include "zoo/foreign_models.h"
#include "zoo/incomplete_detectors.h"
#include "zoo/official_weights.h"
#include "zoo/stated_facts.h"

namespace tv2onnx {
namespace {

/// A row of the table with the settings that the checkpoint gives it.
struct Trial {
  const Model* model;
  Config config;
  std::size_t own_settings = 0;  ///< those that are not the model's defaults
  bool readable = true;          ///< the options take what the checkpoint says
  std::size_t misfits = 0;       ///< tensors that are missing, have another shape, or are not used
  std::vector<std::string> differences = {};  ///< from a whole module
  std::vector<std::string> assumed = {};
  std::int64_t classes = 0;  ///< of what gives scores of classes
};

std::size_t own_settings(const Model& model, const Config& config) {
  return static_cast<std::size_t>(std::ranges::count_if(model.options, [&](const Option& option) {
    return !same_meaning(config[option.name], option.standard);
  }));
}

constexpr std::size_t kNoFit = SIZE_MAX;  // the weights are those of another row

bool gives_one_answer(Task task) {
  return task == Task::kClassification || task == Task::kVideo;
}

/// Counts what of the checkpoint does not go with the model's build. Weights are pointers into the
/// file, so that a build costs little.
void try_build(Trial& trial, const WeightSource& source, const Checkpoint& checkpoint,
               const ForeignBackbone* backbone) {
  Graph graph(kDefaultOpset);
  LoadReport load;
  bool built = trial.readable;
  try {
    // Without preparation, for which a state dict may lack settings.
    BuildOptions network{.preprocess = Preprocess::kNone};
    // With the auxiliary head, which labels do not need.
    if (trial.model->task == Task::kSegmentation) network.outputs = OutputMode::kLogits;
    if (backbone != nullptr) network.detection.backbone = *backbone;
    if (built) trial.model->build(Scope(graph, source, load), trial.config, network);
  } catch (const Error& error) {
    built = false;  // such as settings that do not go with the weights: the export says it
    trial.misfits = error.code() == "W004" ? kNoFit : 0;
  }
  if (trial.misfits == kNoFit) return;
  trial.misfits = load.problems.size() + (built ? 0 : 1);
  if (!built) return;
  trial.misfits += load.unused(source).size();
  trial.differences = module_differences(checkpoint, load);
  trial.assumed = std::move(load.assumed);
  if (gives_one_answer(trial.model->task)) trial.classes = output_classes(graph);
  if (trial.model->task == Task::kSegmentation) trial.classes = class_count(checkpoint);
}

/// What the file's name says, of this model.
const OfficialWeights* official_weights_of(const Model& model, const Checkpoint& checkpoint) {
  const OfficialWeights* weights = official_weights_in(checkpoint.file);
  return weights != nullptr && weights->arch == model.name ? weights : nullptr;
}

Trial trial_of(const Model& model, const FamilyMatch& match, const Checkpoint& checkpoint) {
  Trial trial{&model, Config(model.options)};
  std::vector<ImpliedSetting> settings = match.settings;
  if (const OfficialWeights* weights = official_weights_of(model, checkpoint)) {
    settings = settings_of(*weights);
  }
  try {
    trial.config.take_from(checkpoint);
    trial.own_settings = own_settings(model, trial.config);
    for (const auto& [name, value, origin] : settings) trial.config.set(name, value, origin);
  } catch (const Error&) {
    trial.readable = false;  // the export says what is wrong
  }
  return trial;
}

/// "min_size (800 or 320), ...": what the candidates have different values for, or "".
std::string differing_settings(const std::vector<Trial>& trials) {
  std::vector<std::string> texts;
  for (const Option& option : trials.front().model->options) {
    std::vector<std::string> values;
    for (const Trial& trial : trials) {
      if (!trial.config.has(option.name)) continue;  // nothing that could be chosen there
      std::string value = to_json(trial.config[option.name]);
      if (std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
    }
    if (values.size() < 2) continue;
    texts.push_back(fmt::format("{} ({})", option.name, fmt::join(values, " or ")));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// One line on what the file cannot tell and what settles it, or "".
std::string ambiguity_of(const std::vector<Trial>& trials) {
  if (trials.size() < 2) return "";
  const std::string settings = differing_settings(trials);
  if (settings.empty()) return "";
  std::vector<std::string_view> names;
  for (const Trial& trial : trials) names.push_back(trial.model->name);
  return fmt::format(
      "{} have the same weights and differ in settings that a state dict does not store: {}; "
      "assuming the first; choose with --arch",
      fmt::join(names, " and "), settings);
}

constexpr std::string_view kWithoutHead = " without its head";

/// Keys of classifiers say little: more than a few of the tensors must fit, and there must be a
/// head.
void keep_if_near(std::vector<Trial>& trials, const FamilyMatch& match,
                  const Checkpoint& checkpoint, Recognition& found) {
  const Trial& nearest = trials.front();
  const bool near = nearest.misfits < checkpoint.tensors.size() * 3 / 4;
  if (near && match.headless) found.name = nearest.model->name + std::string(kWithoutHead);
  if (!near || match.headless) return trials.clear();
  trials.erase(trials.begin() + 1, trials.end());
}

/// Which builder a training script called, where the weights fit several, and with what.
void believe_training_script(const Checkpoint& checkpoint, Recognition& found) {
  if (found.model() == nullptr || !checkpoint.modules.empty()) return;
  const StatedBuilder stated = stated_builder(checkpoint);
  if (stated.model != nullptr) {
    const auto named = std::ranges::find(found.candidates, stated.model);
    const bool fits = named != found.candidates.end();
    if (fits) {
      std::rotate(found.candidates.begin(), named, named + 1);
      found.ambiguity.clear();
    }
    found.reasons.push_back(fmt::format("{} is {}{}", printable(stated.place), stated.model->name,
                                        fits ? "" : ", which the weights are not"));
  }
  for (ImpliedSetting& setting : reference_script_settings(checkpoint, *found.model())) {
    found.settings.push_back(std::move(setting));
  }
}

/// The name of a file of torchvision's says what the weights are and how they run.
void believe_file_name(const Checkpoint& checkpoint, Recognition& found) {
  const OfficialWeights* weights = official_weights_in(checkpoint.file);
  if (weights == nullptr) return;
  const auto named = std::ranges::find(found.candidates, weights->arch, &Model::name);
  if (named == found.candidates.end()) return;
  std::rotate(found.candidates.begin(), named, named + 1);
  found.ambiguity.clear();
  found.settings = settings_of(*weights);
  found.reasons.push_back(
      fmt::format("the file's name is that of torchvision's {} weights", weights->name));
}

/// Keys that only torchvision's detectors have together.
bool is_of_torchvision(const Checkpoint& checkpoint) {
  constexpr auto kMarks = std::to_array<std::array<std::string_view, 2>>({
      {"rpn.head.bbox_pred.weight", "roi_heads.box_predictor.bbox_pred.weight"},
      {"head.classification_head.cls_logits.weight", "head.regression_head.bbox_reg.weight"},
  });
  return std::ranges::any_of(kMarks, [&](const auto& keys) {
    return std::ranges::all_of(keys, [&](auto key) { return checkpoint.find(key) != nullptr; });
  });
}

void take(ForeignModel foreign, Recognition& found) {
  found.name = std::move(foreign.name);
  found.reasons = {std::move(foreign.reason)};
  found.way_out = std::move(foreign.way_out);
}

/// Says what a checkpoint is that fits no row, the more certain first.
void name_other(const Checkpoint& checkpoint, Recognition& found) {
  if (found.name.ends_with(kWithoutHead)) return;
  const bool ours = is_of_torchvision(checkpoint);
  if (ForeignModel foreign = foreign_by_keys(checkpoint); !ours && !foreign.name.empty()) {
    return take(std::move(foreign), found);
  }
  if (IncompleteDetector part = incomplete_detector(checkpoint); !part.name.empty()) {
    found.name = std::move(part.name);
    found.reasons = {std::move(part.missing)};
    found.way_out = "save the state_dict() of the whole detector";
    return;
  }
  if (ours) {
    found.way_out = kWayByTracing;
    const std::string backbone = foreign_backbone(checkpoint);
    if (!backbone.empty()) found.reasons.push_back("the backbone looks like " + backbone);
    return;
  }
  if (!found.name.empty()) return;
  ForeignModel foreign = foreign_by_classes(checkpoint);
  if (!foreign.name.empty()) take(std::move(foreign), found);
}

}  // namespace

Recognition recognise(const Checkpoint& checkpoint, const ForeignBackbone* backbone) {
  FamilyMatch match = match_family(checkpoint, backbone != nullptr);
  ForeignModel quantised = quantised_model(checkpoint);
  const bool of_torchvision = quantised.converted && match.other.starts_with("a quantised ");
  if (!quantised.name.empty() && !of_torchvision) {
    Recognition found;
    take(std::move(quantised), found);
    return found;
  }
  std::vector<Trial> trials;
  for (const std::string_view row : match.rows) {
    trials.push_back(trial_of(find_model(row), match, checkpoint));
  }
  const WeightSource source = weights_of(checkpoint);
  for (Trial& trial : trials) try_build(trial, source, checkpoint, backbone);
  // Of a whole module, the builder whose defaults its settings are.
  std::ranges::stable_sort(trials, {}, &Trial::own_settings);
  std::ranges::stable_sort(trials, {}, &Trial::misfits);
  Recognition found{.candidates = {},
                    .complete = !trials.empty() && trials.front().misfits == 0,
                    .name = std::move(match.other),
                    .reasons = std::move(match.reasons),
                    .ambiguity = {},
                    .way_out = {},
                    .settings = std::move(match.settings),
                    .differences = {}};
  if (found.complete) {
    std::erase_if(trials, [](const Trial& trial) { return trial.misfits > 0; });
    found.assumed = trials.front().assumed;
    found.classes = trials.front().classes;
  } else if (!trials.empty() && gives_one_answer(trials.front().model->task)) {
    keep_if_near(trials, match, checkpoint, found);
  } else if (!trials.empty() && trials.front().misfits == kNoFit) {
    trials.clear();  // not even the depth is that of a row
  }
  for (const Trial& trial : trials) found.candidates.push_back(trial.model);
  if (!trials.empty()) found.differences = trials.front().differences;
  found.ambiguity = ambiguity_of(trials);
  if (trials.size() > 1 && found.ambiguity.empty()) {
    found.reasons.push_back(fmt::format(
        "{} settings of the module are not {}'s defaults, {} not {}'s", trials[0].own_settings,
        trials[0].model->name, trials[1].own_settings, trials[1].model->name));
  }
  believe_training_script(checkpoint, found);
  believe_file_name(checkpoint, found);
  if (found.model() != nullptr) {
    found.name = found.model()->name;
  } else {
    name_other(checkpoint, found);
  }
  return found;
}

}  // namespace tv2onnx
