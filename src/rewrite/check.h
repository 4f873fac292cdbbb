#pragma once
// Is a model put together soundly? Every value is made once, before it is read.

#include <string>
#include <vector>

#include "onnx/model.h"

namespace tv2onnx {

/// A value that is not made once before it is read.
struct ValueProblem {
  enum class Kind {
    kTwice,    ///< made or defined more than once
    kUnknown,  ///< read and made nowhere
    kLater,    ///< read before it is made
  };
  Kind kind;
  std::string value;
  const OnnxNode* node = nullptr;  ///< the reader, or the second maker; null: an output, a weight
};

/// All of them, in the order of the file, in nested graphs too.
std::vector<ValueProblem> find_value_problems(const OnnxModel& model);

/// Whether some value depends on itself, so that no order of the nodes is right.
bool has_cycle(const OnnxModel& model);

/// What a model that this program built must not have: problems of values, nodes without a name of
/// their own, nodes that nothing needs. One line each; empty if the model is sound.
std::vector<std::string> check(const OnnxModel& model);

}  // namespace tv2onnx
