#include "rewrite/fold.h"

namespace tv2onnx {

PassReport run_passes(Graph& graph) {
  PassReport all;
  for (PassReport (*pass)(Graph&) : {fold_channel_scale, fold_batch_norm, fold_constants}) {
    const PassReport report = pass(graph);
    all.rewrites += report.rewrites;
    all.refused.insert(all.refused.end(), report.refused.begin(), report.refused.end());
  }
  return all;
}

}  // namespace tv2onnx
