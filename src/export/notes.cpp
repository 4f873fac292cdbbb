#include "export/notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

bool has_option(const Model& model, std::string_view name) {
  return std::ranges::find(model.options, name, &Option::name) != model.options.end();
}

/// The counter that BatchNorm2d has and FrozenBatchNorm2d has not.
bool has_frozen_norm(const Checkpoint& checkpoint) {
  return checkpoint.find("backbone.body.bn1.weight") != nullptr &&
         checkpoint.find("backbone.body.bn1.num_batches_tracked") == nullptr;
}

/// torchvision sets eps to 0 when it loads these weights, also before training goes on from them.
std::string eps_note(const Checkpoint& checkpoint, const Model& model, const Config& config) {
  const auto zero = std::ranges::find_if(official_weights(), [&](const OfficialWeights& weights) {
    return weights.arch == model.name && weights.zero_eps;
  });
  if (zero == official_weights().end() || !has_frozen_norm(checkpoint) ||
      config.origin("norm_eps") != "default") {
    return "";
  }
  return fmt::format(
      "norm_eps is 0 if torchvision's {0} weights are in the file, also as the start of a "
      "training, "
      "else {1}; the file does not tell; taking {1}. --weights {0} or --norm-eps settles it",
      zero->name, to_json(config["norm_eps"]));
}

std::string settings_note(const Model& model) {
  const char* eps = has_option(model, "norm_eps") ? " nor norm_eps" : "";
  return fmt::format(
      "a state dict carries neither sizes nor thresholds{}: what was not given is the default of "
      "{} (tv2onnx models {})",
      eps, model.name, model.name);
}

}  // namespace

std::vector<std::string> export_notes(const Checkpoint& checkpoint, const Recognition& guess,
                                      const Model& model, const Config& config,
                                      const ExportOptions& options) {
  std::vector<std::string> notes;
  const bool guessed = options.arch == "auto";
  if (guessed && !guess.ambiguity.empty()) notes.push_back(guess.ambiguity);
  if (!checkpoint.modules.empty()) return notes;
  const std::string eps = eps_note(checkpoint, model, config);
  if (!eps.empty()) notes.push_back(eps);
  const bool official = !options.weights.empty() || official_weights_in(checkpoint.file) != nullptr;
  if (guessed && !official) notes.push_back(settings_note(model));
  return notes;
}

}  // namespace tv2onnx
