// D19: the photo is resized in another way than in training.
//
// torchvision's transforms resize with Pillow, which weighs all pixels that an output pixel covers.
//
//   Resize, linear or cubic, without antialias        of a photo that shrinks, up to 73 % of the
//                                                     pixels differ, by up to 109 levels of 255
//   Resize with antialias = 1, exclude_outside = 0    pixels outside the image are weighed too: the
//                                                     borders differ by up to 10 levels
//
// The second form is what torch's exporter writes (pytorch#183546), and --fix mends it. The first
// one may be meant, where training resized tensors without antialiasing; it is reported and left.

#include <algorithm>

#include "doctor/classifier.h"
#include "doctor/rules/rules.h"
#include "rewrite/edit.h"

namespace tv2onnx::doctor {
namespace {

bool smooth(const OnnxNode& node) {
  const OnnxAttribute* mode = node.find("mode");
  return node.op == "Upsample" || (node.op == "Resize" && mode != nullptr && mode->s != "nearest");
}

std::vector<OnnxNode*> photo_resizes(const RuleContext& context) {
  std::vector<OnnxNode*> found;
  if (!is_classifier(context.view)) return found;
  for (OnnxNode* node : before_first_layer(context.view)) {
    if (smooth(*node)) found.push_back(node);
  }
  return found;
}

bool weighs_outside(const OnnxNode& node) {
  return node.integer("antialias", 0) == 1 && node.integer("exclude_outside", 0) == 0;
}

std::vector<Finding> examine_photo_resize(const RuleContext& context) {
  Finding borders{.code = "D19",
                  .damage = Damage::kWrong,
                  .what = "resizing the photo weighs pixels that lie outside of it",
                  .evidence = {},
                  .symptom = "pixels at the borders differ from PyTorch's by up to 10 levels",
                  .since = "torch.onnx.export(dynamo=True) of interpolate(antialias=True)",
                  .remedy = "exclude_outside = 1 at the node",
                  .repairable = true,
                  .source = "https://github.com/pytorch/pytorch/issues/183546"};
  Finding coarse{.code = "D19",
                 .damage = Damage::kLimit,
                 .what = "the photo is resized without antialiasing",
                 .evidence = {},
                 .symptom =
                     "other pixels, and sometimes another class, than with torchvision's "
                     "transforms, if the network was trained with those",
                 .since = "opset 17 and older, which have no antialiasing; OpenCV-like recipes",
                 .remedy = "tv2onnx export of the checkpoint resizes photos as Pillow does"};
  for (const OnnxNode* node : photo_resizes(context)) {
    if (weighs_outside(*node)) borders.evidence.push_back(node->label());
    if (node->integer("antialias", 0) == 0) coarse.evidence.push_back(node->label());
  }
  std::vector<Finding> findings;
  for (const Finding* finding : {&borders, &coarse}) {
    if (!finding->evidence.empty()) findings.push_back(*finding);
  }
  return findings;
}

void repair_photo_resize(RuleContext& context) {
  for (OnnxNode* node : photo_resizes(context)) {
    if (!weighs_outside(*node)) continue;
    set_attribute(*node, integer_attribute("exclude_outside", 1));
  }
}

/// The pixels at the borders were wrong at every size.
bool corrects_photo_resize(const RuleContext& original, const ImageSize&) {
  const std::vector<OnnxNode*> nodes = photo_resizes(original);
  return std::ranges::any_of(nodes, [](const OnnxNode* node) { return weighs_outside(*node); });
}

}  // namespace

Rule photo_resize() {
  return {"D19", examine_photo_resize, repair_photo_resize, corrects_photo_resize};
}

}  // namespace tv2onnx::doctor
