#include "export/notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "export/fit_photo.h"
#include "tv2onnx/contract.h"
#include "zoo/class_name_lists.h"
#include "zoo/detection/options.h"
#include "zoo/official_weights.h"
#include "zoo/photo_input.h"
#include "zoo/stated_facts.h"

namespace tv2onnx {
namespace {

bool has_option(const Model& model, std::string_view name) {
  return std::ranges::find(model.options, name, &Option::name) != model.options.end();
}

/// Images are not resized, so that sizes to resize to mean nothing.
bool keeps_size(const Model& model, const Config& config) {
  return has_option(model, "no_resize") && *config["no_resize"].boolean();
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
      "norm_eps must be 0 if training began with torchvision's {0} weights, or these are in the "
      "file, else {1}; a state dict does not store which; using {1}. Choose with --weights {0} or "
      "--norm-eps",
      zero->name, to_json(config["norm_eps"]));
}

/// What photos become is an assumption where nothing says it, and torchvision's own weights of one
/// model differ in it.
std::string photo_note(const Model& model, const Config& config) {
  const std::optional<PhotoSpec> photo = photo_of(config);
  if (!photo || preprocess_of({}, model.task) == Preprocess::kNone) return "";
  const std::string& origin = config.origin("resize_size");
  if (origin != "default" && origin != kFromSize) return "";
  std::vector<std::string> others;
  for (const OfficialWeights& weights : official_weights()) {
    if (weights.arch != model.name || weights.photo.shorter_side == 0) continue;
    const std::string size = resizing_text(photo_of(weights));
    if (size != resizing_text(*photo)) {
      others.push_back(
          fmt::format("; {} were trained for {} (--weights {})", weights.name, size, weights.name));
    }
  }
  return fmt::format(
      "a checkpoint does not store how photos are prepared; assumed: {}{}. Other values: "
      "--resize-size, --crop-size, --interpolation, --mean, --std",
      resizing_text(*photo), fmt::join(others, ""));
}

/// Names that only their number speaks for.
std::string names_note(const Checkpoint& checkpoint, const Model& model, std::int64_t classes) {
  const bool detector = model.task == Task::kDetection;
  const FoundNames found = found_class_names(checkpoint, classes, detector);
  if (!found.names.empty()) return "";
  const StandardNames standard = standard_class_names(model.task, classes);
  if (standard.names.empty()) return found.note;
  return fmt::format("the {} classes got {}'s names; --class-names FILE.txt gives others", classes,
                     standard.data_set);
}

/// The number of maps that the feature pyramid gets.
std::size_t pyramid_maps(const Checkpoint& checkpoint) {
  std::size_t count = 0;
  const auto has = [&](std::string_view leaf) {
    const std::string key = fmt::format("backbone.fpn.inner_blocks.{}.{}weight", count, leaf);
    return checkpoint.find(key) != nullptr;
  };
  while (has("") || has("0.")) ++count;
  return count;
}

/// LastLevelMaxPool has no weights, so that a state dict does not tell whether it is there.
std::string pool_note(const Checkpoint& checkpoint, const Config& config) {
  const std::size_t maps = pyramid_maps(checkpoint);
  if (maps == 0 || checkpoint.find("backbone.fpn.extra_blocks.p6.weight") != nullptr) return "";
  if (maps != anchor_levels(config)) return "";
  return fmt::format(
      "{0} tuples of anchor sizes for {0} maps of the pyramid: it was assumed that no pooled map "
      "follows them (extra_blocks = None)",
      maps);
}

std::string settings_note(const Model& model) {
  const char* eps = has_option(model, "norm_eps") ? ", nor norm_eps" : "";
  return fmt::format(
      "a state dict stores neither sizes nor thresholds{}: settings that you do not give use {}'s "
      "defaults",
      eps, model.name);
}

/// What torchvision calls so does not what its name says.
std::string skip_resize_note(const Checkpoint& checkpoint, const Model& model,
                             const Config& config) {
  const Setting* skip = find_attribute(checkpoint, "transform._skip_resize");
  const bool skips = skip != nullptr && skip->boolean() != nullptr && *skip->boolean();
  if (!skips || keeps_size(model, config)) return "";
  return "the module has transform._skip_resize, which torchvision heeds only while it trains: in "
         "evaluation it resizes images, and so does the file. --no-resize if your own code kept it "
         "from doing so";
}

}  // namespace

bool is_size_or_threshold(std::string_view option) {
  constexpr auto kEnds =
      std::to_array<std::string_view>({"min_size", "max_size", "fixed_size", "post_nms_top_n_test",
                                       "score_thresh", "nms_thresh", "detections_per_img"});
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return option.ends_with(end); });
}

std::vector<ExportReport::StatedSetting> assumed_settings(const Checkpoint& checkpoint,
                                                          const Model& model,
                                                          const Config& config) {
  std::vector<ExportReport::StatedSetting> assumed;
  if (!checkpoint.modules.empty()) return assumed;
  for (const Option& option : model.options) {
    const std::string& origin = config.origin(option.name);
    const Setting& value = config[option.name];
    if (origin != "default" || value.is_none() || !is_size_or_threshold(option.name)) continue;
    if (keeps_size(model, config) && (option.name == "min_size" || option.name == "max_size"))
      continue;
    assumed.push_back({option.name, to_json(value), origin});
  }
  return assumed;
}

std::vector<ExportReport::StatedSetting> unused_settings(const Checkpoint& checkpoint,
                                                         const Model& model, const Config& config) {
  std::vector<ExportReport::StatedSetting> unused;
  for (const auto& [name, value, place] : settings_beside(checkpoint, model)) {
    if (config.origin(name) != "default" || same_meaning(config[name], value)) continue;
    unused.push_back({name, to_json(value), place});
  }
  return unused;
}

std::vector<std::string> opening_notes(const Checkpoint& checkpoint) {
  std::vector<std::string> notes = checkpoint.notes;
  if (!checkpoint.holder.empty()) {
    notes.push_back(fmt::format(
        "the detector is a member of {}; what that class does around it is not in the file",
        printable(checkpoint.holder)));
  }
  if (!checkpoint.ignored.empty()) {
    constexpr std::size_t kShown = 8;
    std::vector<std::string> places;
    for (const IgnoredTensors& ignored : checkpoint.ignored) {
      if (places.size() == kShown) {
        places.push_back("...");
        break;
      }
      places.push_back(fmt::format("{} ({})", printable(ignored.prefix), ignored.count));
    }
    notes.push_back(fmt::format("tensors beside the model, not used: {}", fmt::join(places, ", ")));
  }
  return notes;
}

std::vector<std::string> export_notes(const Checkpoint& checkpoint, const Recognition& guess,
                                      const Model& model, const Config& config,
                                      const ExportOptions& options, std::int64_t classes) {
  std::vector<std::string> notes = opening_notes(checkpoint);
  const bool official = !options.weights.empty() || official_weights_in(checkpoint.file) != nullptr;
  // Those of official weights are what they were trained on.
  if (options.class_names.empty() && (!official || model.task == Task::kDetection)) {
    const std::string names = names_note(checkpoint, model, classes);
    if (!names.empty()) notes.push_back(names);
  }
  const bool guessed = options.arch == "auto";
  if (guessed && !guess.ambiguity.empty()) notes.push_back(guess.ambiguity);
  const std::string skip_resize = skip_resize_note(checkpoint, model, config);
  if (!skip_resize.empty()) notes.push_back(skip_resize);
  for (const std::string& module : checkpoint.left_out) {
    notes.push_back(
        fmt::format("{} does nothing in evaluation and was left out", printable(module)));
  }
  const std::string photo = photo_note(model, config);
  if (!photo.empty()) notes.push_back(photo);
  if (!checkpoint.modules.empty()) return notes;
  const std::string pool = pool_note(checkpoint, config);
  if (!pool.empty()) notes.push_back(pool);
  // What comes as a file has its eps there.
  const std::string eps = options.backbone ? "" : eps_note(checkpoint, model, config);
  if (!eps.empty()) notes.push_back(eps);
  if (!official && model.task == Task::kDetection) notes.push_back(settings_note(model));
  return notes;
}

}  // namespace tv2onnx
