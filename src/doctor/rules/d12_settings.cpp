// D12: settings that are constants of the graph (information).
//
//   size / ReduceMin([h, w])                  min_size; ReduceMax: max_size
//   scores > c, scores from Softmax           box_score_thresh; from Sigmoid: rpn_score_thresh
//   NonMaxSuppression(.., iou, ..)            box_nms_thresh, rpn_nms_thresh
//   TopK(x, min(n, count))                    rpn_pre_nms_top_n_test
//   keep[:n] after NonMaxSuppression          box_detections_per_img, rpn_post_nms_top_n_test
//   [A, 4] with x1 = -x2, y1 = -y2            anchors
//   bias length / 4 of the box layer          num_classes
//
// in R-CNNs; one-stage models have the names without rpn_ and box_. A score threshold of the RPN
// above zero means that an image can be without proposals, the case that D01 and D02 are about.

#include <fmt/format.h>

#include <charconv>

#include "doctor/rules/rules.h"
#include "doctor/settings.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kFewest = 2;  // one number alone is no sign of a detector

/// Whether an image can be without proposals; "" if the file has none or does not say.
std::string zero_proposals(const std::vector<GraphSetting>& settings) {
  for (const GraphSetting& setting : settings) {
    if (setting.name != "rpn_score_thresh") continue;
    double threshold = 0;
    std::from_chars(setting.value.data(), setting.value.data() + setting.value.size(), threshold);
    if (threshold > 0) {
      return fmt::format(
          "an image gets no proposals if none reaches {}: blank, dark, or of another range",
          setting.value);
    }
    return "an image without proposals is unlikely: rpn_score_thresh is 0";
  }
  return "";
}

std::vector<Finding> examine(const RuleContext& context) {
  const std::vector<GraphSetting> settings = find_settings(context);
  if (settings.size() < kFewest) return {};
  Finding finding{.code = "D12",
                  .damage = Damage::kInformation,
                  .what = fmt::format("{} settings of a detector are in the {}", settings.size(),
                                      settings[0].where.empty() ? "metadata" : "graph"),
                  .evidence = {},
                  .symptom = zero_proposals(settings),
                  .since = "",
                  .remedy = ""};
  for (const GraphSetting& setting : settings) {
    const std::string gap = setting.where.empty() ? "" : "   ";
    finding.evidence.push_back(
        fmt::format("{} = {}{}{}", setting.name, setting.value, gap, setting.where));
  }
  return {finding};
}

}  // namespace

Rule settings() {
  return {"D12", examine, nullptr};
}

}  // namespace tv2onnx::doctor
