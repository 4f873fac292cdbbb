#include "zoo/detection/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// The first release that computes the resized size in double.
constexpr TorchvisionVersion kDoubleSince{0, 16};

[[noreturn]] void refuse(std::string_view option, std::string found, std::string expected) {
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
    refuse(option,
           fmt::format("{} numbers, but the weights are for {}-channel images", values.size(),
                       channels),
           "one number, or one for each channel");
  }
  return values;
}

/// Smaller ones leave nothing of an image that is not square, or of any.
void require_pixels(const TransformSpec& spec) {
  const auto require = [](std::string_view option, double value, double least) {
    if (value >= least) return;
    refuse(option, fmt::format("{} pixels, which leave nothing of an image", value),
           fmt::format("{} or more", least));
  };
  if (spec.fixed_size) return;  // then the others are not used
  require("min_size", spec.min_size, 1);
  require("max_size", spec.max_size, 2);
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

void option_rows(OptionRows& row, RoiPoolSettings& settings) {
  row("featmap_names", kinds::kNames, "featmap_names",
      fmt::format("feature maps that the features of {} are pooled from", settings.object),
      settings.featmap_names);
  row("output_size", kinds::kOneOrTwoCounts, "output_size",
      fmt::format("size of the features pooled for {}", settings.object), settings.output_size);
  row("sampling_ratio", kinds::kSamples, "sampling_ratio",
      "samples per bin and axis, 0 or -1 for adaptive", settings.sampling_ratio);
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

OptionPlace place_of_pool(const std::string& pool) {
  return {pool, "roi_heads." + pool};
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
  if (channels == kAny) channels = static_cast<std::int64_t>(settings.mean.size());
  TransformSpec spec{.min_size = number_in(settings.min_size),
                     .max_size = number_in(settings.max_size),
                     .mean = per_channel("image_mean", settings.mean, channels),
                     .std = per_channel("image_std", settings.std, channels),
                     .size_divisible = settings.size_divisible,
                     .fixed_size = settings.fixed_size,
                     .rule = resize_rule(version)};
  require_pixels(spec);
  return spec;
}

RpnSpec rpn_spec(const Config& config) {
  return read_options<RpnSpec>(config);
}

RoiPoolSpec roi_pool_spec(const Config& config, const std::string& pool) {
  const auto settings = read_options<RoiPoolSettings>(config, place_of_pool(pool));
  std::vector<double> size;
  read_setting(settings.output_size, size);
  return {static_cast<std::int64_t>(size.front()), static_cast<std::int64_t>(size.back()),
          std::max<std::int64_t>(settings.sampling_ratio, 0)};
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

std::vector<FeatureMap> pooled_maps(const std::vector<FeatureMap>& levels, const Config& config,
                                    const std::string& pool) {
  // As torchvision: the order is the backbone's, and names that it does not have are skipped (the
  // default lists more levels than some backbones return).
  const auto wanted = read_options<RoiPoolSettings>(config, place_of_pool(pool)).featmap_names;
  std::vector<FeatureMap> maps;
  std::vector<std::string> known;
  for (const FeatureMap& level : levels) {
    known.push_back(level.name);
    if (std::ranges::find(wanted, level.name) != wanted.end()) maps.push_back(level);
  }
  if (maps.empty()) {
    refuse(pool + ".featmap_names", fmt::format("none of {}", to_json(to_setting(wanted))),
           fmt::format("some of {}", fmt::join(known, ", ")));
  }
  return maps;
}

}  // namespace tv2onnx
