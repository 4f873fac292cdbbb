// Tells the architecture of a checkpoint: the families by keys, their members by building them.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"
#include "zoo/families.h"
#include "zoo/foreign_models.h"
#include "zoo/incomplete_detectors.h"
#include "zoo/official_weights.h"
#include "zoo/row_trials.h"
#include "zoo/stated_facts.h"

namespace tv2onnx {
namespace {

/// "min_size (800 or 320), ...": what the candidates have different values for, or "".
std::string differing_settings(const std::vector<RowTrial>& trials) {
  std::vector<std::string> texts;
  for (const Option& option : trials.front().model->options) {
    std::vector<std::string> values;
    for (const RowTrial& trial : trials) {
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
std::string ambiguity_of(const std::vector<RowTrial>& trials) {
  if (trials.size() < 2) return "";
  const std::string settings = differing_settings(trials);
  if (settings.empty()) return "";
  std::vector<std::string_view> names;
  for (const RowTrial& trial : trials) names.push_back(trial.model->name);
  return fmt::format(
      "{} have the same weights and differ in settings that a state dict does not store: {}; "
      "assuming the first; choose with --arch",
      fmt::join(names, " and "), settings);
}

constexpr std::string_view kWithoutHead = " without its head";

/// Keys of classifiers say little: more than a few of the tensors must fit, and there must be a
/// head.
void keep_if_near(std::vector<RowTrial>& trials, const FamilyMatch& match,
                  const Checkpoint& checkpoint, Recognition& found) {
  const RowTrial& nearest = trials.front();
  const bool near = nearest.misfits < checkpoint.tensors.size() * 3 / 4;
  if (near && match.headless) found.name = nearest.model->name + std::string(kWithoutHead);
  if (!near || match.headless) return trials.clear();
  trials.erase(trials.begin() + 1, trials.end());
}

/// Of the rows that were tried, those that the checkpoint can be of.
void keep_what_fits(std::vector<RowTrial>& trials, const FamilyMatch& match,
                    const Checkpoint& checkpoint, Recognition& found) {
  if (found.complete) {
    std::erase_if(trials, [](const RowTrial& trial) { return trial.misfits > 0; });
    found.assumed = trials.front().assumed;
    found.classes = trials.front().classes;
  } else if (!trials.empty() && gives_one_answer(trials.front().model->task)) {
    keep_if_near(trials, match, checkpoint, found);
  } else if (!trials.empty() && trials.front().misfits == kNoFit) {
    trials.clear();  // not even the depth is that of a row
  }
}

/// A classifier that is nearly a row, but has what only another project's has.
void leave_to_others(std::vector<RowTrial>& trials, const Checkpoint& checkpoint,
                     const Recognition& found) {
  const bool near = !found.complete && !trials.empty();
  if (!near || !gives_one_answer(trials.front().model->task)) return;
  if (!foreign_by_keys(checkpoint).name.empty()) trials.clear();
}

/// What the rows that are left are, and how they differ.
void tell_candidates(const std::vector<RowTrial>& trials, Recognition& found) {
  for (const RowTrial& trial : trials) found.candidates.push_back(trial.model);
  if (!trials.empty()) found.differences = trials.front().differences;
  found.ambiguity = ambiguity_of(trials);
  if (trials.size() < 2 || !found.ambiguity.empty()) return;
  found.reasons.push_back(fmt::format(
      "{} settings of the module are not {}'s defaults, {} not {}'s", trials[0].own_settings,
      trials[0].model->name, trials[1].own_settings, trials[1].model->name));
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
  if (ForeignModel computed = computed_weights(checkpoint); !computed.name.empty()) {
    return take(std::move(computed), found);
  }
  const bool ours = is_of_torchvision(checkpoint);
  if (ForeignModel foreign = foreign_by_keys(checkpoint); !ours && !foreign.name.empty()) {
    return take(std::move(foreign), found);
  }
  if (found.name.ends_with(kWithoutHead)) return;
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
  std::vector<RowTrial> trials = try_rows(match, checkpoint, backbone);
  Recognition found{.candidates = {},
                    .complete = !trials.empty() && trials.front().misfits == 0,
                    .name = std::move(match.other),
                    .reasons = std::move(match.reasons),
                    .ambiguity = {},
                    .way_out = {},
                    .settings = std::move(match.settings),
                    .differences = {}};
  keep_what_fits(trials, match, checkpoint, found);
  leave_to_others(trials, checkpoint, found);
  tell_candidates(trials, found);
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
