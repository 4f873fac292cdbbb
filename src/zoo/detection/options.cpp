#include "zoo/detection/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "nn/scaled_sides.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// The first release that computes the resized size in double.
constexpr TorchvisionVersion kDoubleSince{0, 16};

[[noreturn]] void refuse_setting(std::string_view option, std::string found, std::string expected) {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.item = std::string(option)},
               .expected = std::move(expected)});
}

/// One number holds for all channels, as in torchvision.
std::vector<double> per_channel(std::string_view option, std::vector<double> values,
                                std::int64_t channels) {
  const auto count = static_cast<std::size_t>(channels);
  if (values.size() == 1) values.resize(count, values.front());
  if (values.size() != count) {
    refuse_setting(option,
                   fmt::format("{} numbers, but the weights are for {}-channel images",
                               values.size(), channels),
                   "one number, or one for each channel");
  }
  return values;
}

/// Smaller ones leave nothing of an image that is not square, or of any; the graph computes with
/// whole ones.
void require_pixels(const TransformSpec& spec) {
  const auto require = [](std::string_view option, double value, double least) {
    if (value < least) {
      refuse_setting(option, fmt::format("{} pixels, which leave nothing of an image", value),
                     fmt::format("{} or more", least));
    }
    if (value <= double{kLargestWantedSize} && std::floor(value) == value) return;
    refuse_setting(option, fmt::format("{} pixels", value),
                   fmt::format("a whole number up to {}", kLargestWantedSize));
  };
  if (spec.fixed_size || spec.no_resize) return;  // then the others are not used
  require("min_size", spec.min_size, 1);
  require("max_size", spec.max_size, 2);
}

Normalisation normalisation_of(const Setting& mean, const Setting& std, std::string_view option,
                               std::int64_t channels) {
  Normalisation numbers;
  read_setting(mean, numbers.mean);
  read_setting(std, numbers.std);
  return {per_channel(option, numbers.mean, channels), per_channel(option, numbers.std, channels)};
}

/// All that is done to 0..1.
Normalisation whole_normalisation(const TransformSettings& settings, std::int64_t channels) {
  const Normalisation own{per_channel("image_mean", settings.mean, channels),
                          per_channel("image_std", settings.std, channels)};
  const SettingList* before = settings.normalized_with.list();
  if (before == nullptr) return own;
  return composed(normalisation_of(before->front(), before->back(), "normalized_with", channels),
                  own);
}

/// As many as the longest list is for.
std::int64_t stated_channels(const TransformSettings& settings) {
  std::size_t count = std::max(settings.mean.size(), settings.std.size());
  if (settings.normalized_with.list() != nullptr) {
    for (const Setting& part : *settings.normalized_with.list()) {
      if (part.list() != nullptr) count = std::max(count, part.list()->size());
    }
  }
  return static_cast<std::int64_t>(count);
}

void require_one_size_rule(const TransformSettings& settings) {
  if (!settings.no_resize || !settings.fixed_size) return;
  refuse_setting(
      "no_resize",
      fmt::format("images that keep their size, and a fixed_size of {}",
                  to_json(to_setting(settings.fixed_size))),
      "one of the two; SSD has a fixed_size always, as its default boxes are for one size");
}

double number_in(const Setting& setting) {
  double value = 0;
  read_setting(setting, value);
  return value;
}

}  // namespace

void option_rows(OptionRows& row, TransformSettings& settings) {
  row("min_size", kinds::kSize, "transform.min_size", "length of the shorter side after resizing",
      settings.min_size);
  row("max_size", kinds::kSize, "transform.max_size",
      "upper limit of the longer side after resizing", settings.max_size);
  Normalisation normalisation{settings.mean, settings.std};
  OptionRows transform = row.below("", "transform");
  option_rows(transform, normalisation);
  settings.mean = normalisation.mean;
  settings.std = normalisation.std;
  row("size_divisible", kinds::kCount, "transform.size_divisible",
      "images are padded to a multiple of this", settings.size_divisible);
  row("fixed_size", kinds::kSizeOrNone, "transform.fixed_size",
      "width,height that every image is resized to, without keeping its aspect ratio",
      settings.fixed_size);
  // The module's _skip_resize is something else: torchvision heeds it while it trains only.
  row("no_resize", kinds::kFlag, "",
      "images keep their size and are only padded, for code that replaced the resizing",
      settings.no_resize);
  row("normalized_with", kinds::kMeanAndStdOrNone, "",
      "mean and deviation with which code around the model normalised images before it did so "
      "itself: the file does both",
      settings.normalized_with);
}

void option_rows(OptionRows& row, AnchorSpec& spec) {
  row("sizes", kinds::kListsOfPositives, "sizes", "anchor sizes for each feature map", spec.sizes);
  row("aspect_ratios", kinds::kListsOfPositives, "aspect_ratios",
      "anchor aspect ratios (height / width) for each feature map", spec.aspect_ratios);
}

void option_rows(OptionRows& row, RpnSpec& spec) {
  OptionRows anchors = row.below("rpn_anchor_generator", "rpn.anchor_generator");
  option_rows(anchors, spec.anchors);
  row("rpn_pre_nms_top_n_test", kinds::kCount, "rpn._pre_nms_top_n.testing",
      "proposals kept per feature map before non-maximum suppression", spec.pre_nms_top_n);
  row("rpn_post_nms_top_n_test", kinds::kCount, "rpn._post_nms_top_n.testing",
      "proposals kept after non-maximum suppression", spec.post_nms_top_n);
  row("rpn_nms_thresh", kinds::kProbability, "rpn.nms_thresh",
      "IoU above which a proposal is suppressed", spec.nms_thresh);
  row("rpn_score_thresh", kinds::kProbability, "rpn.score_thresh",
      "minimum objectness of a proposal", spec.score_thresh);
  row("rpn_min_size", kinds::kNonNegative, "rpn.min_size",
      "smallest side of a proposal, in pixels of the resized image", spec.min_size);
}

void option_rows(OptionRows& row, BoxHeadSpec& spec) {
  row("box_score_thresh", kinds::kProbability, "roi_heads.score_thresh",
      "score that a detection must exceed", spec.score_thresh);
  row("box_nms_thresh", kinds::kProbability, "roi_heads.nms_thresh",
      "IoU above which a detection of the same class is suppressed", spec.nms_thresh);
  row("box_detections_per_img", kinds::kCount, "roi_heads.detections_per_img",
      "detections kept per image, best first", spec.detections_per_img);
  row("bbox_reg_weights", kinds::kFourPositives, "roi_heads.box_coder.weights",
      "weights of the box deltas", spec.weights);
}

std::vector<std::string> detection_outputs(std::vector<std::string> more) {
  more.insert(more.begin(), {"boxes", "labels", "scores"});
  return more;
}

ResizeRule resize_rule(TorchvisionVersion version) {
  return version < kDoubleSince ? ResizeRule::kFloat32 : ResizeRule::kDouble;
}

TransformSpec transform_spec(const Config& config, TorchvisionVersion version,
                             std::int64_t channels) {
  const auto settings = read_options<TransformSettings>(config);
  require_one_size_rule(settings);
  if (channels == kAny) channels = stated_channels(settings);
  const Normalisation normalisation = whole_normalisation(settings, channels);
  TransformSpec spec{.min_size = number_in(settings.min_size),
                     .max_size = number_in(settings.max_size),
                     .mean = normalisation.mean,
                     .std = normalisation.std,
                     .size_divisible = settings.size_divisible,
                     .no_resize = settings.no_resize,
                     .fixed_size = settings.fixed_size,
                     .rule = resize_rule(version)};
  require_pixels(spec);
  return spec;
}

TransformSpec transform_spec(const Config& config, const BuildOptions& options,
                             std::int64_t channels) {
  TransformSpec spec = transform_spec(config, options.torchvision, channels);
  if (input_mode(options, Task::kDetection) != InputMode::kNormalized) return spec;
  spec.mean.assign(spec.mean.size(), 0);
  spec.std.assign(spec.std.size(), 1);
  return spec;
}

RpnSpec rpn_spec(const Config& config) {
  return read_options<RpnSpec>(config);
}

BoxHeadSpec box_head_spec(const Config& config) {
  auto spec = read_options<BoxHeadSpec>(config);
  spec.pool = roi_pool_spec(config, "box_roi_pool");
  spec.norm_eps = norm_eps(config);
  return spec;
}

std::size_t anchor_levels(const Config& config) {
  for (const char* name : {"rpn_anchor_generator.sizes", "anchor_generator.sizes"}) {
    if (!config.has(name) || config.origin(name) == "default") continue;
    return config[name].list()->size();
  }
  return 0;
}

}  // namespace tv2onnx
