#pragma once
// The keyword arguments that torchvision's detection builders share, with their defaults, and the
// specs of the layers made from them.

#include <cstdint>
#include <string>
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
/// A MultiScaleRoIAlign called `name`: "box_roi_pool", "mask_roi_pool", "keypoint_roi_pool".
std::vector<Option> roi_pool_options(const std::string& name,
                                     const std::vector<std::string>& featmap_names,
                                     std::int64_t output_size);
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
RoiPoolSpec roi_pool_spec(const Config& config, const std::string& pool);
/// The feature maps that `POOL.featmap_names` names.
std::vector<FeatureMap> pooled_maps(const std::vector<FeatureMap>& levels, const Config& config,
                                    const std::string& pool);

}  // namespace tv2onnx
