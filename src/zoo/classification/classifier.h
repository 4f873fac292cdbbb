#pragma once
// What torchvision's classifiers (torchvision/models/*.py) share: input, options, output.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/classifier_head.h"
#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/zoo.h"
#include "zoo/class_outputs.h"
#include "zoo/photo_input.h"
#include "zoo/shared_options.h"

namespace tv2onnx {

/// The options of a classifier.
struct ClassifierSettings {
  Normalisation normalisation = {};       ///< of its photos
  std::optional<double> norm_eps = 1e-5;  ///< nothing: there is no batch normalisation
  bool replaceable_head = true;           ///< the head may be an nn.Sequential of anybody's
  std::vector<Option> more = {};          ///< options that only this one has
};

/// A row of models().
Model classifier(std::string name, std::string description, decltype(Model::build) build,
                 const ClassifierSettings& settings = {});

/// One for each row, which has a name and a description and lives forever.
template <typename Row>
std::vector<Model> classifiers(
    std::span<const Row> rows, void (*build)(Scope, const Row&, const Config&, const BuildOptions&),
    ClassifierSettings (*settings)(const Row&) = [](const Row&) { return ClassifierSettings{}; }) {
  std::vector<Model> models;
  for (const Row& row : rows) {
    const auto build_row = [&row, build](Scope s, const Config& config,
                                         const BuildOptions& options) {
      build(s, row, config, options);
    };
    models.push_back(classifier(row.name, row.description, build_row, settings(row)));
  }
  return models;
}

/// Adds the input `input` and what of the photo's preparation is to be in the graph: see
/// photo_input(). \throws Error U002 for what only detectors have.
/// \param stem the first convolution, which says how many channels images have
Value classifier_input(Scope stem, const Config& config, const BuildOptions& options,
                       const ImageSides& sides = {});

/// Height and width of the images of a network that is built for one size: what the user chose,
/// else what the checkpoint says. \throws Error U002 if it is no square of a multiple of `step`.
std::int64_t square_size(const BuildOptions& options, std::int64_t stored, std::int64_t step);

/// A classifier behind its maps [n, channels, h, w]: mean over height and width, the head that is
/// called so, and the outputs.
void classify_maps(Scope s, Value maps, std::string_view head, const std::vector<HeadLayer>& layers,
                   const Config& config, const BuildOptions& options);
/// A classifier behind [n, channels].
void classify_features(Scope head, Value features, const std::vector<HeadLayer>& layers,
                       const Config& config, const BuildOptions& options);

/// \throws Error W004 if the weights are those of `found` and not of `wanted`: for networks that
/// are built as the weights say.
void require_architecture(Scope s, std::string_view found, std::string_view wanted);

/// The value of an option that no state dict stores. Says so if nothing else decided it.
/// \param otherwise what the other value stands for
bool assumed_flag(Scope s, const Config& config, std::string_view option,
                  std::string_view otherwise);

}  // namespace tv2onnx
