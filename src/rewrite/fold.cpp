#include "rewrite/fold.h"

namespace tv2onnx {

FoldReport fold_all(OnnxModel& model) {
  FoldReport all;
  for (FoldReport (*fold)(OnnxModel&) : {fold_channel_scale, fold_batch_norm, fold_constants}) {
    const FoldReport report = fold(model);
    all.rewrites += report.rewrites;
    all.refused.insert(all.refused.end(), report.refused.begin(), report.refused.end());
  }
  return all;
}

}  // namespace tv2onnx
