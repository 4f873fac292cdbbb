#include "zoo/row_trials.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/stable_sort.h"
#include "nn/module_differences.h"
#include "tv2onnx/error.h"
#include "zoo/class_outputs.h"
#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

std::size_t own_settings(const Model& model, const Config& config) {
  return static_cast<std::size_t>(std::ranges::count_if(model.options, [&](const Option& option) {
    return !same_meaning(config[option.name], option.standard);
  }));
}

/// Counts what of the checkpoint does not go with the model's build. Weights are pointers into the
/// file, so that a build costs little.
void try_build(RowTrial& trial, const WeightSource& source, const Checkpoint& checkpoint,
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

RowTrial trial_of(const Model& model, const FamilyMatch& match, const Checkpoint& checkpoint) {
  RowTrial trial{&model, Config(model.options)};
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

/// The rows in the order in which they are tried: first those whose number of parameters is near
/// that of the checkpoint's elements. Most likely the first one fits.
std::vector<RowTrial*> nearest_first(std::vector<RowTrial>& trials, const Checkpoint& checkpoint) {
  double elements = 0;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    elements += static_cast<double>(tensor.size());
  }
  std::multimap<double, RowTrial*> by_distance;
  for (RowTrial& trial : trials) {
    const OfficialWeights& weights = official_weights(trial.model->name, "DEFAULT");
    by_distance.emplace(std::abs(static_cast<double>(weights.parameters) - elements), &trial);
  }
  std::vector<RowTrial*> order;
  for (const auto& [distance, trial] : by_distance) order.push_back(trial);
  return order;
}

}  // namespace

bool gives_one_answer(Task task) {
  return task == Task::kClassification || task == Task::kVideo;
}

std::vector<RowTrial> try_rows(const FamilyMatch& match, const Checkpoint& checkpoint,
                               const ForeignBackbone* backbone) {
  std::vector<RowTrial> trials;
  for (const std::string_view row : match.rows) {
    trials.push_back(trial_of(find_model(row), match, checkpoint));
  }
  const WeightSource source = weights_of(checkpoint);
  for (RowTrial* trial : nearest_first(trials, checkpoint)) {
    try_build(*trial, source, checkpoint, backbone);
    // No two rows beside detectors have the same keys and shapes.
    if (trial->misfits == 0 && trial->model->task != Task::kDetection) {
      trials = {std::move(*trial)};
      break;
    }
  }
  // Of a whole module, the builder whose defaults its settings are.
  sort_stably(trials, {}, &RowTrial::own_settings);
  sort_stably(trials, {}, &RowTrial::misfits);
  return trials;
}

}  // namespace tv2onnx
