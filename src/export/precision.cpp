#include "export/precision.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/precision.h"
#include "rewrite/half_graph.h"
#include "rewrite/store_weights.h"

namespace tv2onnx {

std::string apply_precision(OnnxModel& model, Precision precision) {
  if (precision == Precision::kFloat32) return "";
  if (precision == Precision::kHalf) {
    const HalfGraph half = to_half(model);
    if (half.nodes > 0) model.metadata[kPrecisionKey] = mode_name(kPrecisions, precision);
    if (half.kept == 0) return "";
    return fmt::format("{} with numbers beyond 65504, the largest of float16, stay float32",
                       counted(half.kept, "layer"));
  }
  const StoredWeights stored = store_weights(
      model, precision == Precision::kHalfWeights ? WeightForm::kHalf : WeightForm::kInt8);
  model.metadata[kPrecisionKey] = mode_name(kPrecisions, precision);
  if (stored.kept == 0) return "";
  return fmt::format("{} with numbers beyond 65504, the largest of float16, stay float32",
                     counted(stored.kept, "weight"));
}

}  // namespace tv2onnx
