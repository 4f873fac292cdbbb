#pragma once
// What torchvision's segmentation models (torchvision/models/segmentation/*.py) share: options,
// input, backbone, outputs.

#include <optional>
#include <string>
#include <vector>

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/zoo.h"
#include "zoo/shared_options.h"

namespace tv2onnx {

constexpr double kHeadNormEps = 1e-5;  ///< of heads, also behind a MobileNetV3 with 1e-3

/// A row of models() whose backbone is a "ResNet-50", "ResNet-101" or "MobileNetV3-Large".
struct SegmenterRow {
  const char* name;
  const char* description;
  const char* backbone;
};

/// What is not in a state dict of the backbone: its norm_eps, and where it dilates.
std::vector<Option> backbone_options(const SegmenterRow& row);

/// A row of models(). `more`: options that only this one has.
Model segmenter(const SegmenterRow& row, std::vector<Option> more,
                void (*build)(Scope, const SegmenterRow&, const Config&, const BuildOptions&));

/// What a user may choose of every one that has an auxiliary head.
std::vector<Option> auxiliary_options();

/// The input, and the maps of the backbone that heads read.
struct SegmenterMaps {
  Value input;
  Value fine;  ///< of the auxiliary head, of LR-ASPP's second branch
  Value last;
};
/// \param fine_name, last_name what IntermediateLayerGetter calls them
/// \throws Error W004 if the backbone is another one, U002 for what only other tasks have.
SegmenterMaps segmenter_maps(Scope s, const SegmenterRow& row, const char* fine_name,
                             const char* last_name, const Config& config,
                             const BuildOptions& options);

/// FCNHead; also the auxiliary head.
Value fcn_head(Scope s, Value x);

/// Declares `logits` or `labels` at the input's size and, with logits, `aux` if the file has an
/// auxiliary head and the user wants it.
void segmenter_outputs(Scope s, const SegmenterMaps& maps, Value scores, const Config& config,
                       const BuildOptions& options);
/// The same of a model that never has one.
void segmenter_output(const SegmenterMaps& maps, Value scores, const BuildOptions& options);

/// Says of an option that no state dict stores what it was assumed to be.
void say_assumed(Scope s, const Config& config, std::string_view option);

}  // namespace tv2onnx
