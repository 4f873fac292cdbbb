#include <fmt/format.h>

#include <algorithm>

#include "base/output_file.h"
#include "doctor/rebuild/comparison.h"
#include "doctor/rebuild/equality.h"
#include "doctor/rebuild/rebuild_network.h"
#include "doctor/rebuild/recover.h"
#include "doctor/torch_release.h"
#include "doctor/traced_counts.h"
#include "export/build_model.h"
#include "onnx/write.h"
#include "tv2onnx/error.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

using doctor::Equality;

// Where nothing passes the file's own threshold, nothing would be compared.
constexpr double kLoweredThreshold = 0.001;

constexpr std::string_view kCandidates = "topk_candidates";
constexpr std::string_view kProposals = "rpn_pre_nms_top_n_test";

/// What does not fit a checkpoint is told in other words here.
BuiltModel build(const Checkpoint& checkpoint, const ExportOptions& options) {
  try {
    return build_model(checkpoint, options);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    if (parts.code != "W001" && parts.code != "W003") throw;
    parts.found = parts.code == "W001"
                      ? "the file is not a detector that is known here"
                      : "the file holds other weights than " + recognise(checkpoint).name + " has";
    parts.code = parts.code == "W001" ? ErrorCode("D110") : ErrorCode("D111");
    parts.where.file = checkpoint.file;
    parts.hint = doctor::kFromCheckpoint;
    throw Error(std::move(parts));
  }
}

/// None stands for what the graph would show if it were there, and one fixed size for both others.
bool told(const Checkpoint& checkpoint, const Option& option) {
  const bool size = option.name == "min_size" || option.name == "max_size";
  return option.attribute.empty() || option.standard.is_none() ||
         find_attribute(checkpoint, option.attribute) != nullptr ||
         (size && find_attribute(checkpoint, "transform.fixed_size") != nullptr);
}

std::vector<std::string> untold(const Model& model, const Checkpoint& checkpoint,
                                const ExportOptions& options) {
  std::vector<std::string> names;
  for (const Option& option : model.options) {
    const bool given = std::ranges::any_of(
        options.overrides,
        [&](const ExportOptions::Override& override) { return override.name == option.name; });
    if (given || told(checkpoint, option)) continue;
    names.push_back(fmt::format("{} = {}", option.name, to_json(option.standard)));
  }
  return names;
}

bool given(const ExportOptions& options, std::string_view name) {
  return std::ranges::find(options.overrides, name, &ExportOptions::Override::name) !=
         options.overrides.end();
}

/// A limit of candidates that is a constant of the file and below the builder's: the traced image
/// may have had no more.
std::string note_on_proposals(const View& view, const Model& model, const Checkpoint& checkpoint) {
  const auto option = std::ranges::find(model.options, kProposals, &Option::name);
  if (option == model.options.end()) return "";
  const Setting* limits = find_attribute(checkpoint, option->attribute);
  const Setting* found = limits != nullptr ? limits->find("testing") : nullptr;
  if (found == nullptr) found = limits;
  const bool constant = std::ranges::any_of(view.nodes(), [&](const OnnxNode* node) {
    return node->op == "TopK" && node->inputs.size() > 1 && view.integers(node->input(1));
  });
  double has = 0;
  double standard = 0;
  if (!constant || found == nullptr || !found->number(has) || !option->standard.number(standard) ||
      has >= standard) {
    return "";
  }
  return fmt::format(
      "{0} = {1} is below torchvision's {2}, and a constant of the file: the traced image may have "
      "had no more candidates; if the detector's own limit was {2}: --rpn-pre-nms-top-n-test {2}",
      kProposals, has, standard);
}

/// What is taken otherwise than the graph has it, or may be less than the detector had; what the
/// user gives needs no note.
std::vector<std::string> notes_on(const View& view, const Model& model,
                                  const Checkpoint& checkpoint, const ExportOptions& options) {
  std::vector<std::string> notes;
  const std::optional<doctor::TracedTopK> traced = doctor::untold_limit(view);
  const auto option = std::ranges::find(model.options, kCandidates, &Option::name);
  if (traced && option != model.options.end() && !given(options, kCandidates)) {
    notes.push_back(fmt::format(
        "{0} = {1} is torchvision's default: the file has {2}, as many as its traced image had "
        "candidates, so the detector's own limit is not known; if it was another one: "
        "--topk-candidates NUMBER",
        kCandidates, to_json(option->standard), traced->count));
  }
  const std::string proposals = note_on_proposals(view, model, checkpoint);
  if (!proposals.empty() && !given(options, kProposals)) notes.push_back(proposals);
  return notes;
}

/// Compares files made from the checkpoint with the foreign one that it was recovered from.
class Comparison {
 public:
  Comparison(const Checkpoint& checkpoint, const Model& model, ExportOptions options,
             const RebuildOptions& wanted, std::filesystem::path scratch)
      : checkpoint_(checkpoint),
        model_(model),
        options_(std::move(options)),
        photos_(wanted.photos),
        scratch_(std::move(scratch)) {
    // The file should find the same: without what the user wants otherwise than it was, or than
    // its repair has it.
    std::erase_if(options_.overrides, [&](const ExportOptions::Override& override) {
      const auto option = std::ranges::find(model.options, override.name, &Option::name);
      return override.name == kCandidates ||
             (option != model.options.end() && told(checkpoint, *option));
    });
  }

  Equality run() const {
    Equality equality = run_with({});
    if (equality.compared > 0 && equality.detections == 0) equality = run_with(kLoweredThreshold);
    return equality;
  }

 private:
  Equality run_with(std::optional<double> threshold) const {
    const doctor::ComparableFile file(
        checkpoint_.file, scratch_,
        {.torchvision = options_.build.torchvision, .score_threshold = threshold});
    const Detector foreign = doctor::foreign_detector(file.path());
    ExportOptions options = options_;
    if (threshold) options.overrides.push_back({score_option(), {*threshold}, "comparison"});
    const TransformSpec spec = transform();
    if (const auto only = foreign.contract().input.only_size()) {
      // The one size that the file takes, resized as its graph does.
      const ImageSize traced = doctor::traced_size(*only, spec);
      options.overrides.push_back(
          {"fixed_size", {SettingList{{traced[1]}, {traced[0]}}}, "comparison"});
    }
    write_onnx(build(checkpoint_, options).model, scratch_, {.overwrite = true});
    return doctor::require_equal(foreign, scratch_, doctor::inputs_for(foreign, spec, photos_),
                                 options_.control);
  }

  std::string score_option() const {
    const auto two_stage = std::ranges::find(model_.options, "box_score_thresh", &Option::name);
    return two_stage != model_.options.end() ? "box_score_thresh" : "score_thresh";
  }

  TransformSpec transform() const {
    Config config(model_.options);
    config.take_from(checkpoint_);
    for (const auto& [name, value, origin] : options_.overrides) config.set(name, value, origin);
    return transform_spec(config, options_.build.torchvision);
  }

  const Checkpoint& checkpoint_;
  const Model& model_;
  ExportOptions options_;
  const std::vector<Tensor>& photos_;
  std::filesystem::path scratch_;
};

/// True for errors that say that the foreign file cannot be run at all.
bool cannot_run(const Error& error) {
  return error.code() == "R002" || error.code() == "R005" || error.code() == "R007";
}

/// What was compared; nothing only if the user allows that. \throws Error D112.
Equality compared(const Comparison& comparison, bool unproven) {
  Equality equality;
  std::vector<std::string> details;
  try {
    equality = comparison.run();
  } catch (const Error& error) {
    if (!cannot_run(error)) throw;
    details.push_back("  " + error.parts().found);
  }
  if (equality.compared > 0 || unproven) return equality;
  doctor::refuse_unproven(equality.rows, std::move(details));
}

std::string doubt_about(const Equality& equality) {
  if (equality.compared == 0) return doctor::kNotCompared;
  if (equality.detections > 0) return "";
  return "the original found nothing on the images, so their comparison says little; give --image "
         "PHOTO";
}

}  // namespace

Rebuilt rebuild(const std::filesystem::path& path, const std::filesystem::path& out,
                const RebuildOptions& options) {
  OnnxModel model = read_onnx_model(path);
  const Checkpoint checkpoint = doctor::recover(model, path);
  if (const Model* row = recognise(checkpoint).model();
      row != nullptr && row->task != Task::kDetection) {
    Rebuilt rebuilt = doctor::rebuild_network({path, model, checkpoint, *row}, out, options);
    rebuilt.source = doctor::producer_text(model);
    return rebuilt;
  }
  ExportOptions core = options.core;
  core.build.torchvision =
      options.torchvision.value_or(doctor::torchvision_of(model).value_or(TorchvisionVersion{}));

  Rebuilt rebuilt;
  rebuilt.source = doctor::producer_text(model);
  OutputFile scratch(out, core.write.overwrite);  // fails early, and is removed at the end
  BuiltModel built = build(checkpoint, core);
  rebuilt.exported = std::move(built.report);
  const Model& architecture = find_model(rebuilt.exported.arch);
  rebuilt.defaults = untold(architecture, checkpoint, core);
  rebuilt.notes = notes_on(View(model), architecture, checkpoint, core);
  const Equality equality = compared(
      Comparison(checkpoint, architecture, core, options, scratch.temporary()), options.unproven);
  rebuilt.proof = equality.rows;
  rebuilt.doubt = doubt_about(equality);
  rebuilt.exported.written = write_onnx(built.model, out, core.write);
  return rebuilt;
}

}  // namespace tv2onnx
