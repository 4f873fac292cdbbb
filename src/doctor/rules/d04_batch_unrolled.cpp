// D04: one graph for each image of the traced batch.
//
// torchvision loops over images in Python, and a trace writes the rounds one after the other:
//
//   Split(input, axis 0, [1, 1]) -> Squeeze(axis 0) per image      k images, k times the outputs
//
// Such a file takes the traced number of images only, whatever its input declares. There is no
// local repair: the parts behind the loop have no batch dimension. A file traced with one image
// that declares any number of images has the mild form: the declaration is put right.

#include <fmt/format.h>

#include <algorithm>

#include "doctor/image_resize.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

struct Unrolled {
  std::vector<const OnnxNode*> nodes;  ///< that take the batch apart
  std::size_t images = 0;
  OnnxValueInfo* input = nullptr;

  bool declares_any() const { return (*input->dims)[0].value < 0; }
};

/// Split into single images, or picking of the k-th one.
std::size_t images_taken(const View& view, const OnnxNode& node) {
  if (node.integer("axis", 0) != 0) return 0;
  if (node.op == "Gather") return view.number(node.input(1)) ? 1 : 0;
  if (node.op != "Split") return 0;
  std::optional<std::vector<std::int64_t>> sizes;
  if (const OnnxAttribute* attribute = node.find("split")) sizes = attribute->ints;
  if (node.inputs.size() > 1) sizes = view.integers(node.input(1));
  const bool single =
      sizes && std::ranges::all_of(*sizes, [](std::int64_t size) { return size == 1; });
  return single ? node.outputs.size() : 0;
}

/// Nullopt if the images are not taken apart.
std::optional<Unrolled> find_unrolled(const RuleContext& context) {
  const View& view = context.view;
  const std::vector<ImageResize>& resizes = context.image_resizes;
  if (resizes.empty()) return std::nullopt;
  auto& inputs = view.model().graph.inputs;
  const auto input = std::ranges::find(inputs, resizes[0].input, &OnnxValueInfo::name);
  constexpr std::size_t kRank = 4;
  if (!input->dims || input->dims->size() != kRank) return std::nullopt;
  Unrolled unrolled;
  unrolled.input = &*input;
  for (const View::Use& use : view.uses(input->name)) {
    if (use.input != 0) continue;
    const std::size_t images = images_taken(view, *use.node);
    if (images > 0) unrolled.nodes.push_back(use.node);
    unrolled.images += images;
  }
  return unrolled.images > 0 ? std::optional(unrolled) : std::nullopt;
}

Finding several_images(const Unrolled& unrolled, std::size_t outputs) {
  return {.code = "D04",
          .damage = unrolled.declares_any() ? Damage::kCrash : Damage::kLimit,
          .what = fmt::format("takes exactly {} images: the batch was unrolled at trace time",
                              unrolled.images),
          .evidence = {},
          .symptom = fmt::format("{} outputs instead of {}; other batches die with 'Cannot split "
                                 "using values in split attribute'",
                                 outputs, outputs / unrolled.images),
          .since = "torch.onnx.export of all versions (tracing)",
          .remedy =
              "no local repair; --rebuild exports the weights in this file anew, with a "
              "dynamic batch",
          .repairable = false};
}

Finding one_image() {
  return {.code = "D04",
          .damage = Damage::kLimit,
          .what = "declares any number of images, but takes one",
          .evidence = {},
          .symptom =
              "batches die with 'Cannot split using values in split attribute ... "
              "NumOutputs=1'",
          .since = "torch.onnx.export of all versions (tracing)",
          .remedy =
              "the input declares one image; for batches, --rebuild exports the weights in "
              "this file anew",
          .repairable = true};
}

std::vector<Finding> examine_batch_unrolled(const RuleContext& context) {
  const std::optional<Unrolled> unrolled = find_unrolled(context);
  if (!unrolled) return {};
  if (unrolled->images == 1 && !unrolled->declares_any()) return {};
  Finding finding = unrolled->images == 1
                        ? one_image()
                        : several_images(*unrolled, context.view.model().graph.outputs.size());
  for (const OnnxNode* node : unrolled->nodes) finding.evidence.push_back(node->label());
  return {finding};
}

void repair_batch_unrolled(RuleContext& context) {
  const std::optional<Unrolled> unrolled = find_unrolled(context);
  if (!unrolled || unrolled->images != 1) return;
  (*unrolled->input->dims)[0] = {1, ""};
  unrolled->input->source = {};
}

}  // namespace

Rule batch_unrolled() {
  return {"D04", examine_batch_unrolled, repair_batch_unrolled};
}

}  // namespace tv2onnx::doctor
