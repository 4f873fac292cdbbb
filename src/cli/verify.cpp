// tv2onnx verify MODEL.onnx --against REF

#include <fmt/format.h>

#include <memory>
#include <type_traits>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/model_options.h"
#include "cli/print.h"
#include "cli/session_options.h"
#include "cli/verify_answers.h"
#include "cli/verify_report.h"
#include "tv2onnx/verify.h"
#include "tv2onnx/verify_classes.h"
#include "tv2onnx/verify_maps.h"

namespace tv2onnx::cli {
namespace {

struct VerifyArguments {
  std::string model;
  std::string against;
  bool json = false;
  double max_flips_percent = 100 * VerifyOptions{}.max_flips;
  SessionOptions session;
  RecordOptions record;
  VerifyOptions core;
  ClassTolerance classes;
  MapTolerance maps;
};

/// On stderr what PyTorch says while it makes the reference.
void log_pytorch(VerifyArguments& options, const Invocation& invocation) {
  if (!invocation.quiet && reference_kind(options.against) == ReferenceKind::kCheckpoint) {
    print_log("running PyTorch on {}\n", printable(options.against, kLongestShown));
    options.record.log = [](std::string_view line) { print_log("  {}\n", printable(line)); };
  }
}

/// The report of a model that is no detector.
template <typename Report>
int answered(const Report& report, bool json) {
  print_answer("{}", json ? to_json(report) : answers_text(report));
  return report.equal() ? 0 : 1;
}

template <typename Model>
int run_verify_answers(VerifyArguments& options, const Invocation& invocation) {
  const Model model(options.model, options.session);
  log_pytorch(options, invocation);
  const Reference reference =
      reference_for(model, options.against, options.record, options.session);
  const CallControl& control = options.core.control;
  if constexpr (std::is_same_v<Model, Segmenter> || std::is_same_v<Model, Flow>) {
    options.maps.photo = options.classes;
    return answered(verify(model, reference, {.tolerance = options.maps, .control = control}),
                    options.json);
  } else {
    return answered(verify(model, reference, {.tolerance = options.classes, .control = control}),
                    options.json);
  }
}

int run_verify(VerifyArguments options, const Invocation& invocation) {
  options.core.max_flips = options.max_flips_percent / 100;
  if (invocation.verbose) {
    options.core.control.progress = [](const Step& step) {
      print_log("[{}/{}] {}\n", step.index + 1, step.count, printable(step.name));
    };
  }
  switch (task_of_file(options.model)) {
    case Task::kClassification: return run_verify_answers<Classifier>(options, invocation);
    case Task::kVideo: return run_verify_answers<VideoClassifier>(options, invocation);
    case Task::kSegmentation: return run_verify_answers<Segmenter>(options, invocation);
    case Task::kFlow: return run_verify_answers<Flow>(options, invocation);
    case Task::kDetection: break;
  }
  const Detector detector(options.model, options.session);
  log_pytorch(options, invocation);
  const VerifyReport report =
      verify_against(detector, options.against, options.record, options.core, options.session);
  print_answer("{}", options.json ? to_json(report) : verify_text(report));
  return report.equal() ? 0 : 1;
}

void add_tolerances(Command& command, VerifyArguments& options) {
  const auto tolerance = [&](const char* flag, double& target, const char* help) {
    command.add_option(flag, target, help)
        ->capture_default_str()
        ->range(0.0, 1e9, "non-negative number")
        ->type_name("NUMBER");
  };
  Tolerance& allowed = options.core.tolerance;
  tolerance("--max-box-diff", allowed.box, "allowed difference of a box coordinate, in pixels");
  tolerance("--max-score-diff", allowed.score, "allowed difference of a score");
  tolerance("--max-logit-diff", options.classes.logits,
            "of classifiers and segmentation: allowed difference of a logit, in standard "
            "deviations of the logits");
  tolerance("--max-end-point-error", options.maps.end_point,
            "of optical flow: allowed distance between the ends of two movements, in pixels");
  tolerance("--max-mask-diff", allowed.mask, "allowed difference of a mask pixel's probability");
  tolerance("--max-keypoint-diff", allowed.keypoint,
            "allowed difference of a keypoint coordinate, in pixels");
  tolerance("--max-keypoint-score-diff", allowed.keypoint_score,
            "allowed difference of a keypoint's score");
  command
      .add_option("--max-flips", options.max_flips_percent,
                  "percentage of detections and keypoints that may differ because of a threshold "
                  "or a tie")
      ->capture_default_str()
      ->range(0.0, 100.0)
      ->type_name("PERCENT");
}

}  // namespace

void add_verify(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("verify", "compare an exported file with PyTorch");
  auto options = std::make_shared<VerifyArguments>();
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command
      ->add_option("--against", options->against,
                   "checkpoint (runs the installed PyTorch), file of record_reference.py, or "
                   "another ONNX file")
      ->required()
      ->type_name("REFERENCE");
  command
      ->add_option("--image", options->record.images,
                   "photo instead of the drawn scenes; repeatable")
      ->repeatable()
      ->type_name("PHOTO");
  add_choice<bool>(*command, "--sizes", options->record.quick, {{"full", false}, {"quick", true}},
                   "quick: three small image sizes; full: eight");
  add_prefix_option(*command, options->record.prefix);
  command->add_flag("--trust", options->record.trust,
                    "load a whole module in PyTorch although that runs code from the file");
  command->add_flag("--with-float64", options->record.precise,
                    "where something differs, also run PyTorch in double precision and allow three "
                    "times its rounding");
  add_session_options(*command, options->session);
  command->add_flag("--json", options->json, "report as JSON");
  add_tolerances(*command, *options);
  command->footer(
      "tv2onnx verify pets.onnx --against pets.pth\n"
      "tv2onnx verify pets.onnx --against reference.safetensors --json");
  command->run = [options, &invocation] { return run_verify(*options, invocation); };
}

}  // namespace tv2onnx::cli
