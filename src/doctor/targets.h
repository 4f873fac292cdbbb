#pragma once
// What programs other than ONNX Runtime refuse: a table per target.

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "doctor/rule.h"

namespace tv2onnx::doctor {

/// Something that a target refuses, or does otherwise than ONNX says.
struct Refusal {
  std::string_view op;  ///< operator; "*": any; "Sequence*": any whose name starts so
  /// Which of them; null: all.
  bool (*applies)(const RuleContext& context, const OnnxNode& node);
  Damage damage = Damage::kLimit;
  std::string_view why;
  std::string_view remedy;
  std::string_view source;
};

struct TargetTable {
  std::string_view name;     ///< "tensorrt"
  std::string_view release;  ///< what the table was made for
  std::span<const Refusal> refusals;
};

std::span<const TargetTable> targets();

/// D13: what the target refuses; one finding per row, one line of evidence per node.
/// \throws Error U001 (no such target).
std::vector<Finding> examine_for(const RuleContext& context, std::string_view target);

}  // namespace tv2onnx::doctor
