#pragma once
// What a training script wrote beside the weights: which builder it called, and with what.

#include <string>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The builder that a training script says it called.
struct StatedBuilder {
  const Model* model = nullptr;  ///< null: it says none of models()
  std::string place;
};
StatedBuilder stated_builder(const Checkpoint& checkpoint);

/// What torchvision's reference script, whose arguments are in the file, passes to the builder.
std::vector<ImpliedSetting> reference_script_settings(const Checkpoint& checkpoint,
                                                      const Model& model);

/// Values beside the weights that are called as options of the model and may be theirs; not those
/// of a whole module, which has its settings itself.
std::vector<ImpliedSetting> settings_beside(const Checkpoint& checkpoint, const Model& model);

}  // namespace tv2onnx
