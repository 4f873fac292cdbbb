#pragma once
// Which outputs of a network its feature pyramid was made for: the argument `returned_layers` of
// torchvision's backbone builders, of which a state dict keeps only traces.

#include <cstdint>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Channels that the inner blocks of a feature pyramid were made for; none where there is none.
std::vector<std::int64_t> inner_channels(Scope fpn);

/// Of `maps` (all outputs of `body`, by name) those that go into `fpn`. A whole module says it.
/// Else it is told by the channels that the inner blocks were made for; IntermediateLayerGetter
/// drops what comes after the last one. Of layers with as many channels those are assumed where
/// torchvision's builders cut, if the weights end at one; it is recorded unless they are what those
/// builders take by default. \throws Error W002 if several choices are left.
std::vector<FeatureMap> returned_layers(Scope body, Scope fpn, const std::vector<FeatureMap>& maps);

}  // namespace tv2onnx
