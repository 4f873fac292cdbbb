#pragma once
// Names for layers that lost theirs. An exporter that folds batch normalisation into convolutions
// calls the new weights "onnx::Conv_1823"; which module they belong to is told by their place in
// the graph. Layers without normalisation keep their names and mark where the parts begin.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/rebuild/layers.h"

namespace tv2onnx::doctor {

/// Fills in Layer::module where it is empty and the place tells it.
void name_layers(const View& view, std::vector<Layer>& layers);

/// The key of the normalisation of a convolution, by torchvision's customs: "conv1" has "bn1",
/// "downsample.0" and all other numbered ones the next number.
std::string norm_module(std::string_view conv_module);

/// Bodies, in order of execution; each returns how many of the layers it has named. The first layer
/// is the stem.
std::size_t name_resnet(const View& view, std::span<Layer* const> layers, const std::string& body);
std::size_t name_mobilenet_v3(std::span<Layer* const> layers, const std::string& body);
/// The same network as cut up for SSDlite, with the blocks behind it.
std::size_t name_ssdlite_body(std::span<Layer* const> layers, const std::string& backbone);

}  // namespace tv2onnx::doctor
