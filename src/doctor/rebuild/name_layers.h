#pragma once
// Names for layers that lost theirs. An exporter that folds batch normalisation into convolutions
// calls the new weights "onnx::Conv_1823"; which module they belong to is told by their place in
// the graph. Layers without normalisation keep their names.

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

// ---- parts

using LayerList = std::vector<Layer*>;

inline constexpr std::int64_t kResNetStem = 7;  // kernel of the first convolution
/// ResNet; the first layer is its stem. Layers that are not part of it stay as they are. `body`
/// is "" where the network is nothing else.
void name_resnet(const View& view, const LayerList& layers, const std::string& body);
/// MobileNetV3, and the same as SSDlite has it, with the blocks behind it.
void name_mobilenet_v3(const LayerList& all, const std::string& body);
void name_ssdlite_body(const LayerList& all, const std::string& backbone);
/// VGG with normalisation, as the one without that it became.
void name_vgg(const View& view, const LayerList& layers);
/// FeaturePyramidNetwork with normalisation.
void name_pyramid(const View& view, const LayerList& layers, const std::string& pyramid);

}  // namespace tv2onnx::doctor
