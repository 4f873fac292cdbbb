#pragma once
// What programs other than ONNX Runtime on the CPU refuse: a table per target.

#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "doctor/rule.h"
#include "rewrite/shape_origins.h"

namespace tv2onnx::doctor {

/// A model, and what several tables ask of it.
struct TargetContext {
  explicit TargetContext(const RuleContext& context);

  const RuleContext& rules;
  std::set<std::string_view> found;    ///< values that depend on what was found in the image
  std::set<std::string_view> doubles;  ///< values in double precision
  ShapeOrigins origins;                ///< what shapes follow from
  bool takes_sizes = false;            ///< the image has a dimension without a number
};

/// Something that a target refuses, or does otherwise than ONNX says.
struct Refusal {
  std::string_view op;  ///< operator; "*": any; "Sequence*": any whose name starts so
  /// Which of them; null: all.
  bool (*applies)(const TargetContext& context, const OnnxNode& node);
  Damage damage = Damage::kLimit;
  std::string_view why;
  std::string_view remedy;
  std::string_view source;
};

struct TargetTable {
  std::string_view name;     ///< "tensorrt"
  std::string_view release;  ///< what the table was made for
  std::span<const Refusal> refusals;
  /// What the file as a whole asks of the target; may be null.
  std::vector<Finding> (*examine_input)(const TargetContext& context) = nullptr;
};

std::span<const TargetTable> targets();

TargetTable portable_target();
TargetTable tensorrt_target();
TargetTable openvino_target();
TargetTable opencv_target();
TargetTable web_target();
TargetTable web_wasm_target();
TargetTable web_gpu_target();
TargetTable xnnpack_target();
TargetTable onednn_target();
TargetTable coreml_target();
TargetTable nnapi_target();

/// D13: what the target refuses; one finding per row, one line of evidence per node.
/// \throws Error U001 (no such target).
std::vector<Finding> examine_for(const RuleContext& context, std::string_view target);

// ---- conditions that several tables have

bool has_input(const OnnxNode& node, std::size_t input);
bool is_custom(const TargetContext& context, const OnnxNode& node);
bool has_double(const TargetContext& context, const OnnxNode& node);

inline constexpr std::string_view kExportRemedy =
    "export from the checkpoint: tv2onnx export MODEL.pth -o NEW.onnx";

}  // namespace tv2onnx::doctor
