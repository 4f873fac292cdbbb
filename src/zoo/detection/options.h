#pragma once
// The keyword arguments that torchvision's detection builders share, with their defaults, and the
// specs of the layers made from them.

#include <vector>

#include "nn/image_transform.h"
#include "nn/roi_heads.h"
#include "nn/rpn.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// [a, b] as a Setting.
Setting list_of(const std::vector<double>& numbers);
Setting list_of(const std::vector<std::vector<double>>& rows);
Setting list_of(const std::vector<std::string>& names);

std::vector<Option> transform_options(std::int64_t min_size, std::int64_t max_size);
std::vector<Option> rpn_options(const AnchorSpec& anchors, std::int64_t top_n, double score_thresh);
std::vector<Option> box_head_options(const std::vector<std::string>& featmap_names);
/// BatchNorm's eps is not in a state dict.
std::vector<Option> norm_options(double eps);

/// How a release of torchvision computes the resized size.
ResizeRule resize_rule(TorchvisionVersion version);
/// For images of `channels` channels; kAny: as many as image_mean has. \throws Error U002 if mean
/// or std are for another number.
TransformSpec transform_spec(const Config& config, TorchvisionVersion version,
                             std::int64_t channels = kAny);
RpnSpec rpn_spec(const Config& config);
BoxHeadSpec box_head_spec(const Config& config);
/// The feature maps that `box_roi_pool.featmap_names` names.
std::vector<FeatureMap> pooled_maps(const std::vector<FeatureMap>& levels, const Config& config);

}  // namespace tv2onnx
