#pragma once
// The keyword arguments that torchvision's detection builders share, with their defaults, and the
// specs of the layers made from them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/image_transform.h"
#include "nn/roi_heads.h"
#include "nn/rpn.h"
#include "zoo/option_rows.h"
#include "zoo/shared_options.h"

namespace tv2onnx {

/// Model::outputs of detectors: what all give, and `more`.
std::vector<std::string> detection_outputs(std::vector<std::string> more = {});

/// GeneralizedRCNNTransform.
struct TransformSettings {
  Setting min_size{std::int64_t{800}};  ///< a number, or a list whose last one counts
  Setting max_size{std::int64_t{1333}};
  std::vector<double> mean = Normalisation{}.mean;
  std::vector<double> std = Normalisation{}.std;
  std::int64_t size_divisible = 32;
  std::optional<std::pair<std::int64_t, std::int64_t>> fixed_size = {};  ///< width, height
  bool no_resize = false;
  Setting normalized_with = {};  ///< None, or mean and deviation
};
void option_rows(OptionRows& row, TransformSettings& settings);

/// MultiScaleRoIAlign.
struct RoiPoolSettings {
  std::vector<std::string> featmap_names{"0", "1", "2", "3"};
  Setting output_size{std::int64_t{7}};  ///< a number, or height and width
  std::int64_t sampling_ratio = 2;
  std::string_view object = "a box";  ///< what is pooled for, in the help
};
void option_rows(OptionRows& row, RoiPoolSettings& settings);
/// The options of the MultiScaleRoIAlign called `pool`: "box_roi_pool", "mask_roi_pool",
/// "keypoint_roi_pool".
OptionPlace place_of_pool(const std::string& pool);

void option_rows(OptionRows& row, AnchorSpec& spec);
void option_rows(OptionRows& row, RpnSpec& spec);
/// Without the pool and norm_eps, which have rows of their own.
void option_rows(OptionRows& row, BoxHeadSpec& spec);

/// How a release of torchvision computes the resized size.
ResizeRule resize_rule(TorchvisionVersion version);
/// For images of `channels` channels; kAny: as many as image_mean has. Mean and deviation are those
/// of all that is done to images of 0..1: what the caller's code did before it, if anything, and
/// the model's own. \throws Error U002 if mean or std are for another number of channels, or if
/// images shall both keep their size and get a fixed one.
TransformSpec transform_spec(const Config& config, TorchvisionVersion version,
                             std::int64_t channels = kAny);
/// The transform of a file that takes images of this mode: those that come normalised stay as they
/// are.
TransformSpec transform_spec(const Config& config, const BuildOptions& options,
                             std::int64_t channels);
BoxHeadSpec box_head_spec(const Config& config);
RpnSpec rpn_spec(const Config& config);
RoiPoolSpec roi_pool_spec(const Config& config, const std::string& pool);
/// Number of feature maps that anchors were given for; 0 if they are the model's default.
std::size_t anchor_levels(const Config& config);
/// The feature maps that `POOL.featmap_names` names.
std::vector<FeatureMap> pooled_maps(const std::vector<FeatureMap>& levels, const Config& config,
                                    const std::string& pool);

}  // namespace tv2onnx
