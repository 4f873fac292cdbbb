// tv2onnx verify MODEL.onnx --against REF

#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "cli/command.h"
#include "cli/verify_report.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::cli {
namespace {

struct Options {
  std::string model;
  std::string against;
  std::string sizes = "full";
  bool json = false;
  double max_flips_percent = 100 * VerifyOptions{}.max_flips;
  SessionOptions session;
  RecordOptions record;
  VerifyOptions core;
};

/// The reference, and on stderr what PyTorch says while it makes it.
Reference make_reference(Options& options, const Detector& detector, const Invocation& invocation) {
  bool begun = false;
  options.record.quick = options.sizes == "quick";
  if (!invocation.quiet) {
    options.record.log = [&begun, &options](std::string_view line) {
      if (!begun) fmt::print(stderr, "running PyTorch on {}\n", options.against);
      begun = true;
      fmt::print(stderr, "  {}\n", printable(line));
    };
  }
  return reference_for(detector, options.against, options.record, options.session);
}

int run_verify(Options options, const Invocation& invocation) {
  options.core.max_flips = options.max_flips_percent / 100;
  if (invocation.verbose) {
    options.core.control.progress = [](const Step& step) {
      fmt::print(stderr, "[{}/{}] {}\n", step.index + 1, step.count, printable(step.name));
    };
  }
  const Detector detector(options.model, options.session);
  const Reference reference = make_reference(options, detector, invocation);
  const VerifyReport report = verify(detector, reference, options.core);
  fmt::print("{}", options.json ? to_json(report) : verify_text(report));
  return report.equal() ? 0 : 1;
}

void add_tolerances(CLI::App& command, Options& options) {
  const CLI::Range positive(0.0, 1e9, "non-negative number");
  command
      .add_option("--max-box-diff", options.core.tolerance.box,
                  "pixels that a coordinate of a box may differ by")
      ->capture_default_str()
      ->check(positive);
  command
      .add_option("--max-score-diff", options.core.tolerance.score, "how much a score may differ")
      ->capture_default_str()
      ->check(positive);
  command
      .add_option("--max-mask-diff", options.core.tolerance.mask,
                  "how much the probability of a mask's pixel may differ")
      ->capture_default_str()
      ->check(positive);
  command
      .add_option("--max-keypoint-diff", options.core.tolerance.keypoint,
                  "pixels that a coordinate of a keypoint may differ by")
      ->capture_default_str()
      ->check(positive);
  command
      .add_option("--max-keypoint-score-diff", options.core.tolerance.keypoint_score,
                  "how much the score of a keypoint may differ")
      ->capture_default_str()
      ->check(positive);
  command
      .add_option("--max-flips", options.max_flips_percent,
                  "percent of all detections that may be there or not, and of all keypoints that "
                  "may be elsewhere, because of a threshold or a tie")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 100.0));
}

}  // namespace

void add_verify(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("verify", "compare an exported file with PyTorch");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command
      ->add_option("--against", options->against,
                   "a reference of scripts/record_reference.py, a checkpoint (runs the installed "
                   "PyTorch), or another ONNX file")
      ->required();
  command->add_option("--image", options->record.images, "photo to use instead of drawn scenes")
      ->allow_extra_args(false);
  command->add_option("--sizes", options->sizes, "quick: three small sizes; full: eight")
      ->capture_default_str()
      ->check(CLI::IsMember({"quick", "full"}));
  command->add_flag("--trust", options->record.trust,
                    "load a whole module in PyTorch although that runs code from the file");
  command->add_flag("--with-float64", options->record.precise,
                    "run PyTorch in double precision too and allow three times its rounding");
  command->add_option("--runtime", options->session.library, "ONNX Runtime library to use");
  command->add_option("--threads", options->session.threads, "threads of ONNX Runtime; 0: all")
      ->check(CLI::Range(0, 1024));
  command->add_flag("--json", options->json, "report as JSON");
  add_tolerances(*command, *options);
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_verify(*options, invocation); };
  });
}

}  // namespace tv2onnx::cli
