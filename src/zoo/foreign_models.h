#pragma once
// Models of other projects, told by what their keys and classes are called.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// A model that cannot be exported, and what to do with it instead.
struct ForeignModel {
  std::string name;  ///< "a detector of detectron2"; "" if none is known
  std::string reason;
  std::string way_out;
  bool converted = false;  ///< torch.ao.quantization has made integers of it, or is to
};

/// Weights that are not the layers' own but computed or cut from others, whatever the model.
ForeignModel computed_weights(const Checkpoint& checkpoint);

/// What the keys say, however they begin.
ForeignModel foreign_by_keys(const Checkpoint& checkpoint);

/// What the classes say that the pickle refers to. A training script may have left them behind, so
/// keys tell more.
ForeignModel foreign_by_classes(const Checkpoint& checkpoint);

/// Weights that were quantised or prepared for it, whatever the model. Those that torch has
/// converted, with all scales, are left to the builders of torchvision that have such.
ForeignModel quantised_model(const Checkpoint& checkpoint);

}  // namespace tv2onnx
