#include "doctor/rebuild/comparison.h"

#include <algorithm>

#include "doctor/rebuild/settings.h"
#include "doctor/rule.h"
#include "rewrite/edit.h"

namespace tv2onnx::doctor {
namespace {

bool has_external_data(const OnnxModel& model) {
  return std::ranges::any_of(model.graph.initializers,
                             [](const OnnxTensor& tensor) { return !tensor.external.empty(); });
}

/// True if something was repaired.
bool mend(OnnxModel& model, const std::string& file, TorchvisionVersion torchvision) {
  const Diagnosis diagnosis = examine(model, file, torchvision);
  const bool faulty = std::ranges::any_of(diagnosis.findings, [](const Finding& finding) {
    return finding.repairable && finding.damage > Damage::kWaste;
  });
  if (faulty) repair(model, diagnosis, torchvision);
  return faulty;
}

/// True if the file has a threshold.
bool set_threshold(OnnxModel& model, double threshold) {
  const View view(model);
  const std::vector<OnnxNode*> comparisons = score_comparisons(view);
  for (OnnxNode* node : comparisons) {
    set_input(*node, 1, add_number(view, "threshold", static_cast<float>(threshold)));
  }
  return !comparisons.empty();
}

}  // namespace

ComparableFile::ComparableFile(const std::filesystem::path& file,
                               const std::filesystem::path& scratch, const CopyOptions& options)
    : path_(file) {
  OnnxModel model = read_onnx_model(file);
  // External weights would have to lie beside the copy too.
  if (has_external_data(model)) return;
  const bool mended = mend(model, file.string(), options.torchvision);
  const bool lowered = options.score_threshold && set_threshold(model, *options.score_threshold);
  if (!mended && !lowered) return;
  copy_.emplace(scratch, true);
  write_onnx_model(model, sink_of(*copy_));
  path_ = copy_->temporary();
}

}  // namespace tv2onnx::doctor
