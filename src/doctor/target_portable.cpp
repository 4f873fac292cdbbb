// What a file must not have to be run by most runtimes, whose memory is planned before an image is
// seen: shapes that follow from what is found in the image. What follows from the image's size is
// information: a number, once the size is one.

#include <array>

#include "doctor/targets.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kTopKLimit = 3840;  // of TensorRT
constexpr std::string_view kShapeInference = "https://onnx.ai/onnx/repo-docs/ShapeInference.html";
constexpr std::string_view kTopKSource =
    "https://github.com/onnx/onnx-tensorrt/blob/main/docs/operators.md";
constexpr std::string_view kPortableExport =
    "export from the checkpoint: tv2onnx export MODEL.pth -o NEW.onnx --target portable";

// ---- conditions

bool reads_content(const TargetContext& context, const OnnxNode& node) {
  for (const std::string& input : node.inputs) {
    if (context.origins.elements(input) == Origin::kContent) return true;
  }
  return false;
}

bool counts_content(const TargetContext& context, const OnnxNode& node) {
  return context.origins.elements(node.input(1)) == Origin::kContent;
}

bool counts_sizes(const TargetContext& context, const OnnxNode& node) {
  return context.origins.elements(node.input(1)) == Origin::kSize;
}

bool sorts_many(const TargetContext& context, const OnnxNode& node) {
  const auto count = context.rules.view.integers(node.input(1));
  if (count) return count->size() == 1 && count->front() >= kTopKLimit;
  return node.integer("k", 0) >= kTopKLimit;  // of opsets before 10
}

template <Origin origin>
bool shape_begins(const TargetContext& context, const OnnxNode& node) {
  return context.origins.begins(node) == origin;
}

// ---- table

constexpr std::string_view kPortableFlow = "control flow, which many runtimes do not have";
constexpr std::string_view kPortableSequences = "sequences, which many runtimes do not have";

constexpr auto kPortableRows = std::to_array<Refusal>({
    {"*", is_custom, Damage::kLimit, "operators of other domains", kPortableExport,
     kShapeInference},
    {"*", has_double, Damage::kLimit, "double precision, which graphics and mobile hardware lacks",
     kPortableExport, kShapeInference},
    {"If", nullptr, Damage::kLimit, kPortableFlow, kPortableExport, kShapeInference},
    {"Loop", nullptr, Damage::kLimit, kPortableFlow, kPortableExport, kShapeInference},
    {"Scan", nullptr, Damage::kLimit, kPortableFlow, kPortableExport, kShapeInference},
    {"Sequence*", nullptr, Damage::kLimit, kPortableSequences, kPortableExport, kShapeInference},
    {"SplitToSequence", nullptr, Damage::kLimit, kPortableSequences, kPortableExport,
     kShapeInference},
    {"ConcatFromSequence", nullptr, Damage::kLimit, kPortableSequences, kPortableExport,
     kShapeInference},
    {"Optional*", nullptr, Damage::kLimit, kPortableSequences, kPortableExport, kShapeInference},
    {"TopK", counts_content, Damage::kLimit, "K comes from what is found in the image",
     kPortableExport, kTopKSource},
    {"TopK", counts_sizes, Damage::kLimit, "K comes from the image's size and is no number",
     kPortableExport, kTopKSource},
    {"TopK", sorts_many, Damage::kLimit, "K is 3840 or more", kPortableExport, kTopKSource},
    {"NonZero", reads_content, Damage::kLimit, "as many places as the image has", kPortableExport,
     kShapeInference},
    {"Range", reads_content, Damage::kLimit, "as long as what is found in the image",
     kPortableExport, kShapeInference},
    {"Mod", reads_content, Damage::kLimit,
     "of numbers found in the image: Core ML and NNAPI have no such operator", kPortableExport,
     kShapeInference},
    {"*", shape_begins<Origin::kContent>, Damage::kLimit,
     "the shape comes from what is found in the image", kPortableExport, kShapeInference},
    {"*", shape_begins<Origin::kList>, Damage::kLimit,
     "as many rows as NonMaxSuppression selects, and they are not only picked with",
     kPortableExport, kShapeInference},
    {"*", shape_begins<Origin::kSize>, Damage::kInformation,
     "the shape comes from the image's size: a number once the size is one",
     "tv2onnx export MODEL.pth -o NEW.onnx --target portable --size 480x640 --batch 1",
     kShapeInference},
});

/// Outputs that are as long as a list of NonMaxSuppression, and not the list itself.
std::vector<Finding> examine_outputs(const TargetContext& context) {
  Finding finding{.code = "D13",
                  .damage = Damage::kLimit,
                  .what = "portable: an output has as many rows as NonMaxSuppression selects",
                  .evidence = {},
                  .symptom = "",
                  .since = "",
                  .remedy = std::string(kPortableExport),
                  .repairable = false,
                  .source = std::string(kShapeInference)};
  const View& view = context.rules.view;
  for (const OnnxValueInfo& output : view.model().graph.outputs) {
    if (context.origins.shape(output.name) != Origin::kList) continue;
    if (view.producer(output.name, "NonMaxSuppression") != nullptr) continue;
    finding.evidence.push_back("output " + output.name);
  }
  if (finding.evidence.empty()) return {};
  return {finding};
}

}  // namespace

TargetTable portable_target() {
  return {"portable", "portable", kPortableRows, examine_outputs};
}

}  // namespace tv2onnx::doctor
