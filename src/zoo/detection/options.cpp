#include "zoo/detection/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// The first release that computes the resized size in double.
constexpr TorchvisionVersion kDoubleSince{0, 16};

Setting number(double value) {
  return {value};
}
Setting integer(std::int64_t value) {
  return {value};
}

[[noreturn]] void refuse(std::string_view option, std::string found, std::string expected) {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.item = std::string(option)},
               .expected = std::move(expected)});
}

std::vector<double> exactly(const Config& config, std::string_view name, std::size_t count) {
  std::vector<double> values = config.numbers(name);
  if (values.size() != count) {
    refuse(name, fmt::format("{} numbers", values.size()), fmt::format("{} numbers", count));
  }
  return values;
}

/// One number holds for all channels, as in torchvision.
std::vector<double> per_channel(const Config& config, std::string_view name,
                                std::int64_t channels) {
  std::vector<double> values = config.numbers(name);
  const auto count = static_cast<std::size_t>(channels);
  if (values.size() == 1) values.resize(count, values.front());
  if (values.size() != count) {
    refuse(name,
           fmt::format("{} numbers, but the weights are for {}-channel images", values.size(),
                       channels),
           "one number, or one for each channel");
  }
  return values;
}

}  // namespace

Setting list_of(const std::vector<double>& numbers) {
  SettingList list;
  for (const double value : numbers) list.push_back({value});
  return {list};
}

Setting list_of(const std::vector<std::vector<double>>& rows) {
  SettingList list;
  for (const std::vector<double>& row : rows) list.push_back(list_of(row));
  return {list};
}

Setting list_of(const std::vector<std::string>& names) {
  SettingList list;
  for (const std::string& name : names) list.push_back({name});
  return {list};
}

std::vector<Option> transform_options(std::int64_t min_size, std::int64_t max_size) {
  return {
      {"min_size", OptionKind::kSize, integer(min_size), "transform.min_size",
       "length of the shorter side after resizing"},
      {"max_size", OptionKind::kSize, integer(max_size), "transform.max_size",
       "upper limit of the longer side after resizing"},
      {"image_mean", OptionKind::kNumbers, list_of(std::vector{0.485, 0.456, 0.406}),
       "transform.image_mean", "mean of each channel"},
      {"image_std", OptionKind::kPositives, list_of(std::vector{0.229, 0.224, 0.225}),
       "transform.image_std", "standard deviation of each channel"},
      {"size_divisible", OptionKind::kCount, integer(32), "transform.size_divisible",
       "images are padded to a multiple of this"},
      {"fixed_size",
       OptionKind::kOptionalSize,
       {},
       "transform.fixed_size",
       "width,height that every image is resized to, without keeping its aspect ratio"},
  };
}

std::vector<Option> rpn_options(const AnchorSpec& anchors, std::int64_t top_n,
                                double score_thresh) {
  return {
      {"rpn_anchor_generator.sizes", OptionKind::kNestedNumbers, list_of(anchors.sizes),
       "rpn.anchor_generator.sizes", "anchor sizes for each feature map"},
      {"rpn_anchor_generator.aspect_ratios", OptionKind::kNestedNumbers,
       list_of(anchors.aspect_ratios), "rpn.anchor_generator.aspect_ratios",
       "anchor aspect ratios (height / width) for each feature map"},
      {"rpn_pre_nms_top_n_test", OptionKind::kCount, integer(top_n), "rpn._pre_nms_top_n.testing",
       "proposals kept per feature map before non-maximum suppression"},
      {"rpn_post_nms_top_n_test", OptionKind::kCount, integer(top_n), "rpn._post_nms_top_n.testing",
       "proposals kept after non-maximum suppression"},
      {"rpn_nms_thresh", OptionKind::kProbability, number(0.7), "rpn.nms_thresh",
       "IoU above which a proposal is suppressed"},
      {"rpn_score_thresh", OptionKind::kProbability, number(score_thresh), "rpn.score_thresh",
       "minimum objectness of a proposal"},
  };
}

std::vector<Option> roi_pool_options(const std::string& name,
                                     const std::vector<std::string>& featmap_names,
                                     std::int64_t output_size) {
  const std::string_view object = name.starts_with("mask")       ? "a mask"
                                  : name.starts_with("keypoint") ? "keypoints"
                                                                 : "a box";
  return {
      {name + ".featmap_names", OptionKind::kNames, list_of(featmap_names),
       "roi_heads." + name + ".featmap_names",
       fmt::format("feature maps that the features of {} are pooled from", object)},
      {name + ".output_size", OptionKind::kPoolSize, integer(output_size),
       "roi_heads." + name + ".output_size",
       fmt::format("size of the features pooled for {}", object)},
      {name + ".sampling_ratio", OptionKind::kInteger, integer(2),
       "roi_heads." + name + ".sampling_ratio", "samples per bin and axis, 0 for adaptive"},
  };
}

std::vector<Option> box_head_options(const std::vector<std::string>& featmap_names) {
  std::vector<Option> options = roi_pool_options("box_roi_pool", featmap_names, 7);
  const std::vector<Option> others{
      {"box_score_thresh", OptionKind::kProbability, number(0.05), "roi_heads.score_thresh",
       "score that a detection must exceed"},
      {"box_nms_thresh", OptionKind::kProbability, number(0.5), "roi_heads.nms_thresh",
       "IoU above which a detection of the same class is suppressed"},
      {"box_detections_per_img", OptionKind::kCount, integer(100), "roi_heads.detections_per_img",
       "detections kept per image, best first"},
      {"bbox_reg_weights", OptionKind::kPositives, list_of(std::vector<double>{10, 10, 5, 5}),
       "roi_heads.box_coder.weights", "weights of the box deltas"},
  };
  options.insert(options.end(), others.begin(), others.end());
  return options;
}

std::vector<Option> norm_options(double eps) {
  return {{"norm_eps", OptionKind::kNonNegative, number(eps), "",
           "eps of batch normalisation, which is not in a state dict"}};
}

ResizeRule resize_rule(TorchvisionVersion version) {
  return version < kDoubleSince ? ResizeRule::kFloat32 : ResizeRule::kDouble;
}

TransformSpec transform_spec(const Config& config, TorchvisionVersion version,
                             std::int64_t channels) {
  if (channels == kAny) {
    channels = static_cast<std::int64_t>(config.numbers("image_mean").size());
  }
  TransformSpec spec{.min_size = config.number("min_size"),
                     .max_size = config.number("max_size"),
                     .mean = per_channel(config, "image_mean", channels),
                     .std = per_channel(config, "image_std", channels),
                     .size_divisible = config.integer("size_divisible"),
                     .fixed_size = {},
                     .rule = resize_rule(version)};
  if (const SettingList* size = config["fixed_size"].list()) {
    spec.fixed_size = {*(*size)[0].integer(), *(*size)[1].integer()};
  }
  return spec;
}

RpnSpec rpn_spec(const Config& config) {
  return {.anchors = {config.nested_numbers("rpn_anchor_generator.sizes"),
                      config.nested_numbers("rpn_anchor_generator.aspect_ratios")},
          .pre_nms_top_n = config.integer("rpn_pre_nms_top_n_test"),
          .post_nms_top_n = config.integer("rpn_post_nms_top_n_test"),
          .nms_thresh = config.number("rpn_nms_thresh"),
          .score_thresh = config.number("rpn_score_thresh")};
}

RoiPoolSpec roi_pool_spec(const Config& config, const std::string& pool) {
  const std::vector<double> size = config.numbers(pool + ".output_size");
  return {static_cast<std::int64_t>(size.front()), static_cast<std::int64_t>(size.back()),
          config.integer(pool + ".sampling_ratio")};
}

BoxHeadSpec box_head_spec(const Config& config) {
  const std::vector<double> weights = exactly(config, "bbox_reg_weights", 4);
  BoxHeadSpec spec{.pool = roi_pool_spec(config, "box_roi_pool"),
                   .weights = {},
                   .score_thresh = config.number("box_score_thresh"),
                   .nms_thresh = config.number("box_nms_thresh"),
                   .detections_per_img = config.integer("box_detections_per_img"),
                   .norm_eps = config.number("norm_eps")};
  std::ranges::copy(weights, spec.weights.begin());
  return spec;
}

std::vector<FeatureMap> pooled_maps(const std::vector<FeatureMap>& levels, const Config& config,
                                    const std::string& pool) {
  const std::string option = pool + ".featmap_names";
  // As torchvision: the order is the backbone's, and names that it does not have are skipped (the
  // default lists more levels than some backbones return).
  const std::vector<std::string> wanted = config.names(option);
  std::vector<FeatureMap> maps;
  std::vector<std::string> known;
  for (const FeatureMap& level : levels) {
    known.push_back(level.name);
    if (std::ranges::find(wanted, level.name) != wanted.end()) maps.push_back(level);
  }
  if (maps.empty()) {
    refuse(option, fmt::format("none of {}", to_json(config[option])),
           fmt::format("some of {}", fmt::join(known, ", ")));
  }
  return maps;
}

}  // namespace tv2onnx
