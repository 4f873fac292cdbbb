#pragma once
// What the parts of a model that are no single layer say about themselves, for comparison with a
// whole module: the attributes that torchvision's forwards read and that no option takes over.

#include <cstdint>
#include <vector>

#include "graph/ops.h"
#include "nn/anchors.h"
#include "nn/boxes.h"
#include "nn/fpn.h"
#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

void computes_conv2d(Scope s, const Conv2d& options);
void computes_max_pool(Scope s, const PoolAttributes& options);
void computes_relu6(Scope s);
/// kNone: Dropout or the like, if there is a module at all.
void computes_activation(Scope s, Activation activation);
void computes_average_pool(Scope s, const PoolAttributes& options);
/// AdaptiveAvgPool2d, if it is a module.
void computes_adaptive_pool(Scope s, std::int64_t size);
void computes_permute(Scope s, const std::vector<std::int64_t>& dims);
/// nn.Flatten(1), if it is a module.
void computes_flatten(Scope s);
/// What the module here is; kNone also where it is none of them.
Activation stated_activation(Scope s);

/// A module with a BoxCoder, whose weights are an option.
void computes_with_box_coder(Scope s, ModuleKind kind);
/// A module with a BoxCoder whose weights are these.
void computes_with_box_coder(Scope s, ModuleKind kind, const BoxWeights& weights);

/// AnchorGenerator. It computes its anchors when it is made and reads them from then on, so
/// changing its sizes later has no effect.
void computes_anchors(Scope s, const AnchorSpec& anchors);
/// DefaultBoxGenerator, with the same to be said.
void computes_default_boxes(Scope s, const DefaultBoxSpec& boxes);

/// MultiScaleRoIAlign on these maps. It remembers the scales of the maps of its first image.
void computes_roi_align(Scope s, const std::vector<FeatureMap>& maps);

}  // namespace tv2onnx
