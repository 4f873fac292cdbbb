// D12: settings that are constants of the graph (information).
//
// What export anew finds (rebuild/settings.h), under torchvision's names, and the number of
// classes: bias length / 4 of the box layer. A score threshold of the RPN above zero means that an
// image can be without proposals, the case that D01 and D02 are about.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/name_layers.h"
#include "doctor/rebuild/settings.h"
#include "doctor/rules/rules.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kFewest = 2;  // one number alone is no sign of a detector

struct NamedSetting {
  std::string name;   ///< "box_score_thresh"
  std::string value;  ///< "0.05", JSON
  std::string where;  ///< node; "": the metadata of tv2onnx
};
using NamedSettings = std::vector<NamedSetting>;

NamedSettings stated_settings(const View& view) {
  NamedSettings settings;
  const FileMetadata metadata = read_metadata(view.model().metadata);
  const bool detector = metadata.task.value_or(Task::kDetection) == Task::kDetection;
  if (metadata.config.dict() == nullptr || !detector) return settings;
  for (const auto& [name, value] : *metadata.config.dict()) {
    if (!value.is_none()) settings.push_back({name, to_json(value), ""});
  }
  return settings;
}

/// The option that a whole-module checkpoint has at the path of the setting.
NamedSetting named(const FoundSetting& found) {
  const Setting* testing = found.value.find("testing");
  const std::string path = testing != nullptr ? found.path + ".testing" : found.path;
  NamedSetting setting{path, to_json(testing != nullptr ? *testing : found.value),
                       found.node->label()};
  for (const Model& model : models()) {
    const auto option = std::ranges::find(model.options, path, &Option::attribute);
    if (option == model.options.end()) continue;
    setting.name = option->name;
    break;
  }
  return setting;
}

NamedSettings found_settings(const RuleContext& context) {
  NamedSettings settings;
  const View& view = context.view;
  // Layers are looked for only in what may be a detector: other models can have huge ones.
  const bool detector = std::ranges::any_of(
      view.nodes(), [](const OnnxNode* node) { return node->op == "NonMaxSuppression"; });
  if (!detector || !well_formed(view)) return settings;
  if (!context.box_heads.empty()) {
    const BoxHead& head = context.box_heads[0];
    settings.push_back({"num_classes", std::to_string(head.classes), head.layer->label()});
  }
  std::vector<Layer> layers = find_layers(view);
  if (layers.size() == kMostLayers) return settings;
  name_layers(view, layers);
  for (const FoundSetting& found : find_settings(view, layers)) {
    if (!found.value.is_none()) settings.push_back(named(found));
  }
  return settings;
}

/// Whether an image can be without proposals; "" if the file has none or does not say.
std::string zero_proposals(const NamedSettings& settings) {
  for (const NamedSetting& setting : settings) {
    if (setting.name != "rpn_score_thresh") continue;
    double threshold = 0;
    std::from_chars(setting.value.data(), setting.value.data() + setting.value.size(), threshold);
    if (threshold > 0) {
      return fmt::format(
          "an image gets no proposals if none reaches {}: blank, dark, or of another range",
          setting.value);
    }
    return "an image without proposals is unlikely: rpn_score_thresh is 0";
  }
  return "";
}

/// No program but tv2onnx reads them, and that refuses the file.
std::vector<Finding> damaged_metadata(const View& view) {
  const std::string damage = read_metadata(view.model().metadata).damage;
  if (damage.empty()) return {};
  return {{.code = "D15",
           .damage = Damage::kLimit,
           .what = "the metadata that tv2onnx wrote are damaged",
           .evidence = {damage},
           .symptom = "tv2onnx detect and verify refuse the file",
           .since = "an edit after tv2onnx export",
           .remedy = "export the checkpoint again",
           .repairable = false}};
}

std::vector<Finding> examine_settings(const RuleContext& context) {
  std::vector<Finding> findings = damaged_metadata(context.view);
  NamedSettings settings = stated_settings(context.view);
  if (settings.empty()) settings = found_settings(context);
  if (settings.size() < kFewest) return findings;
  Finding finding{.code = "D12",
                  .damage = Damage::kInformation,
                  .what = fmt::format("{} settings of a detector are in the {}", settings.size(),
                                      settings[0].where.empty() ? "metadata" : "graph"),
                  .evidence = {},
                  .symptom = zero_proposals(settings),
                  .since = "",
                  .remedy = ""};
  for (const NamedSetting& setting : settings) {
    const std::string blanks = setting.where.empty() ? "" : "   ";
    finding.evidence.push_back(
        fmt::format("{} = {}{}{}", setting.name, setting.value, blanks, setting.where));
  }
  findings.insert(findings.begin(), std::move(finding));
  return findings;
}

}  // namespace

Rule settings() {
  return {"D12", examine_settings, nullptr};
}

}  // namespace tv2onnx::doctor
