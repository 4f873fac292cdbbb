// D10: attributes left to defaults that differ from what PyTorch computes.
//
//   RoiAlign, opset 16 or newer, no coordinate_transformation_mode
//       the default is half_pixel (torchvision's aligned=True); its detectors pool with
//       aligned=False, output_half_pixel. torch 1.13 forgets to say so: no box is right.
//   RoiAlign without sampling_ratio       0 in ONNX, 1 in OpenVINO
//   Resize, nearest, without nearest_mode round_prefer_floor; PyTorch's nearest is floor
//   Resize of the image, not half_pixel   F.interpolate(align_corners=False) is half_pixel
//   NonMaxSuppression without a maximum   the default 0 lets nothing through
//
// Judged in detectors of torchvision only: elsewhere a default may be meant.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "doctor/image_resize.h"
#include "doctor/rules/rules.h"
#include "rewrite/edit.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kModeSince = 16;  // opset in which RoiAlign got its mode
constexpr std::size_t kMaximum = 2;      // input of NonMaxSuppression

std::string_view text_of(const OnnxNode& node, std::string_view attribute,
                         std::string_view otherwise) {
  const OnnxAttribute* found = node.find(attribute);
  return found != nullptr ? std::string_view(found->s) : otherwise;
}

/// What is wrong with one kind of node, and what it should say.
struct Fault {
  bool (*is_at)(const RuleContext& context, const OnnxNode& node);
  void (*mend)(RuleContext& context, OnnxNode& node);
  Damage damage;
  const char* what;
  const char* symptom;
  const char* since;
};

bool pools_with_wrong_mode(const RuleContext& context, const OnnxNode& node) {
  return node.op == "RoiAlign" && !context.box_heads.empty() &&
         context.view.model().opset() >= kModeSince &&
         node.find("coordinate_transformation_mode") == nullptr;
}

bool pools_without_ratio(const RuleContext& context, const OnnxNode& node) {
  return node.op == "RoiAlign" && !context.box_heads.empty() &&
         node.find("sampling_ratio") == nullptr;
}

bool picks_other_pixels(const RuleContext& context, const OnnxNode& node) {
  return node.op == "Resize" && context.is_detector() && node.find("nearest_mode") == nullptr &&
         text_of(node, "mode", "nearest") == "nearest" &&
         text_of(node, "coordinate_transformation_mode", "half_pixel") == "asymmetric";
}

bool resizes_image_otherwise(const RuleContext& context, const OnnxNode& node) {
  if (node.op != "Resize" || text_of(node, "mode", "nearest") != "linear") return false;
  const std::string_view mode = text_of(node, "coordinate_transformation_mode", "half_pixel");
  if (mode == "half_pixel" || mode == "pytorch_half_pixel") return false;
  return context.image_resizers.contains(&node);
}

bool suppresses_all(const RuleContext& context, const OnnxNode& node) {
  return node.op == "NonMaxSuppression" && context.is_detector() && node.input(kMaximum).empty();
}

constexpr std::array kFaults{
    Fault{pools_with_wrong_mode,
          [](RuleContext&, OnnxNode& node) {
            set_attribute(node,
                          string_attribute("coordinate_transformation_mode", "output_half_pixel"));
            if (node.find("mode") == nullptr) set_attribute(node, string_attribute("mode", "avg"));
          },
          Damage::kWrong,
          "RoiAlign is left to the default of opset 16, which shifts every region by half a pixel",
          "boxes and scores are all somewhat wrong, no error",
          "torch 1.13 at opset 16; files converted from opset 11-15 to 16"},
    Fault{pools_without_ratio,
          [](RuleContext&, OnnxNode& node) {
            set_attribute(node, integer_attribute("sampling_ratio", 0));
          },
          Damage::kLimit,
          "RoiAlign does not say its sampling_ratio, which runtimes read differently",
          "OpenVINO gives other boxes and scores than ONNX Runtime", ""},
    Fault{picks_other_pixels,
          [](RuleContext&, OnnxNode& node) {
            set_attribute(node, string_attribute("nearest_mode", "floor"));
          },
          Damage::kWrong, "a nearest Resize does not say how it rounds; PyTorch rounds down",
          "small differences from PyTorch at sizes that are not divisible by 64", ""},
    Fault{resizes_image_otherwise,
          [](RuleContext&, OnnxNode& node) {
            set_attribute(node, string_attribute("coordinate_transformation_mode", "half_pixel"));
          },
          Damage::kWrong, "the image is resized with other pixel positions than in PyTorch",
          "boxes and scores are all somewhat wrong, no error", ""},
    Fault{suppresses_all,
          [](RuleContext& context, OnnxNode& node) {
            const Tensor all =
                make_tensor({1}, std::vector{std::numeric_limits<std::int64_t>::max()});
            context.view.set_input(node, kMaximum,
                                   context.view.add_constant("doctor/any_number", all));
          },
          Damage::kWrong, "NonMaxSuppression has no maximum, and the default is 0",
          "nothing is ever detected", ""},
};

std::vector<Finding> examine_defaults(const RuleContext& context) {
  std::vector<Finding> findings;
  for (const Fault& fault : kFaults) {
    Finding finding{.code = "D10",
                    .damage = fault.damage,
                    .what = fault.what,
                    .evidence = {},
                    .symptom = fault.symptom,
                    .since = fault.since,
                    .remedy = "the attribute is written out",
                    .repairable = true};
    for (const OnnxNode* node : context.view.nodes()) {
      if (fault.is_at(context, *node)) finding.evidence.push_back(node->label());
    }
    if (!finding.evidence.empty()) findings.push_back(std::move(finding));
  }
  return findings;
}

void repair_defaults(RuleContext& context) {
  for (OnnxNode* node : context.view.nodes()) {
    for (const Fault& fault : kFaults) {
      if (fault.is_at(context, *node)) fault.mend(context, *node);
    }
  }
}

bool corrects_defaults(const RuleContext& original, const ImageSize&) {
  return std::ranges::any_of(examine_defaults(original), [](const Finding& finding) {
    return finding.damage == Damage::kWrong;
  });
}

}  // namespace

Rule defaults_left() {
  return {"D10", examine_defaults, repair_defaults, corrects_defaults};
}

}  // namespace tv2onnx::doctor
