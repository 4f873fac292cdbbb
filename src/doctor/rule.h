#pragma once
// What a rule is, and the table of them.

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "doctor/box_head.h"
#include "doctor/image_resize.h"
#include "rewrite/view.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error_code.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

/// A model under examination: what several rules want to know is found once.
struct RuleContext {
  explicit RuleContext(OnnxModel& model, std::optional<TorchvisionVersion> wanted = {},
                       std::filesystem::path path = {})
      : view(model),
        box_heads(find_box_heads(view)),
        image_resizes(find_image_resizes(view)),
        torchvision(wanted),
        file(std::move(path)) {
    for (const ImageResize& resize : image_resizes) image_resizers.insert(resize.node);
  }

  View view;
  std::vector<BoxHead> box_heads;
  std::vector<ImageResize> image_resizes;
  std::unordered_set<const OnnxNode*> image_resizers;  ///< the nodes of image_resizes
  /// Whose arithmetic the file should have; if not given, that of the release it was made with.
  std::optional<TorchvisionVersion> torchvision;
  std::filesystem::path file;  ///< external data is looked for beside it

  /// A detector of torchvision, as far as its structure shows.
  bool is_detector() const { return !box_heads.empty() || !image_resizes.empty(); }
};

struct Rule {
  ErrorCode code;
  /// What is wrong; nothing on a healthy file.
  std::vector<Finding> (*examine)(const RuleContext& context);
  /// Mends what examine() calls repairable; the context is stale afterwards. Null: no rule of local
  /// repair.
  void (*repair)(RuleContext& context);
  /// Whether the repair is meant to change the results for images of this size, which were wrong.
  /// Null: it never changes results.
  bool (*corrects)(const RuleContext& original, const ImageSize& size) = nullptr;
};

/// All rules, in the order in which repairs are applied.
std::span<const Rule> rules();

/// Applies every rule; with `target` also that program's table (D13).
Diagnosis examine(OnnxModel& model, const std::string& file,
                  std::optional<TorchvisionVersion> torchvision = {}, std::string_view target = "");

/// What keeps the file from being run at all: a runtime would refuse it, or not come to an end.
std::optional<Finding> reason_not_to_run(OnnxModel& model);

/// Applies the repairs of what a diagnosis of the model calls repairable, and cleans up; returns
/// its codes.
std::set<ErrorCode> repair(OnnxModel& model, const Diagnosis& diagnosis,
                           std::optional<TorchvisionVersion> torchvision = {});

}  // namespace tv2onnx::doctor
