#pragma once
// Families of architectures, told by keys alone.

#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// What the keys of a checkpoint say.
struct FamilyMatch {
  /// Rows of models() that the weights may be of, in the order in which they are tried.
  std::vector<std::string_view> rows;
  std::string other;            ///< what it is if none of them fits: "a Swin Transformer"
  bool backbone_given = false;  ///< a detector's backbone is not the checkpoint's
  bool headless = false;        ///< a classifier whose head is not there
  std::vector<std::string> reasons;
  std::vector<ImpliedSetting> settings;
};

/// `backbone_given`: see FamilyMatch.
FamilyMatch match_family(const Checkpoint& checkpoint, bool backbone_given);

}  // namespace tv2onnx
