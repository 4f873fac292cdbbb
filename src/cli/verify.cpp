// tv2onnx verify MODEL.onnx --against REF

#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/verify_report.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::cli {
namespace {

struct Options {
  std::string model;
  std::string against;
  std::vector<std::string> images;
  bool quick = false;
  bool trust = false;
  bool precise = false;
  bool json = false;
  double max_flips_percent = 100 * VerifyOptions{}.max_flips;
  SessionOptions session;
  VerifyOptions core;
};

/// \throws Error U003 for options that the kind of reference has no use for.
void require_sense(const Options& options, ReferenceKind kind) {
  const auto refuse = [&](bool given, const char* option, const char* meaning) {
    if (!given) return;
    throw Error({.code = "U003",
                 .found = fmt::format("{} has no meaning here", option),
                 .where = {.file = options.against},
                 .expected = meaning});
  };
  if (kind != ReferenceKind::kCheckpoint) {
    refuse(options.trust, "--trust", "a checkpoint to verify against");
    refuse(options.precise, "--with-float64", "a checkpoint to verify against");
  }
  if (kind == ReferenceKind::kRecorded) {
    refuse(!options.images.empty(), "--image", "no images: a recorded reference has its own");
  }
}

std::string metadata_of(const Detector& detector, const char* key) {
  const auto entry = detector.session().metadata().find(key);
  return entry == detector.session().metadata().end() ? "" : entry->second;
}

/// record_reference.py of the source tree, or as installed beside the binary.
std::filesystem::path script() {
  std::filesystem::path in_source = TV2ONNX_SCRIPTS "/record_reference.py";
  if (std::filesystem::exists(in_source)) return in_source;
  std::error_code ignored;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", ignored);
  auto installed = binary.parent_path() / "../share/tv2onnx/record_reference.py";
  if (std::filesystem::exists(installed)) return installed;
  throw Error({.code = "V003",
               .found = "record_reference.py, which runs PyTorch, is not installed",
               .where = {.file = installed.lexically_normal().string()},
               .hint = "install tv2onnx again, or verify against a recorded reference"});
}

Reference run_pytorch(const Options& options, const Detector& detector,
                      const Invocation& invocation) {
  RecordOptions record;
  record.script = script();
  record.builder = metadata_of(detector, "tv2onnx.architecture");
  record.settings = metadata_of(detector, "tv2onnx.config");
  record.images = options.images;
  record.quick = options.quick;
  record.trust = options.trust;
  record.precise = options.precise;
  if (!invocation.quiet) {
    fmt::print(stderr, "running PyTorch on {}\n", options.against);
    record.log = [](std::string_view line) { fmt::print(stderr, "  {}\n", printable(line)); };
  }
  return record_reference(options.against, record);
}

/// The size of a file that takes no other, of one of the two.
std::optional<ImageSize> static_size(const Detector& first, const Detector& second) {
  for (const Detector* detector : {&first, &second}) {
    const auto& size = detector->contract().size;
    if (size[2] > 0 && size[3] > 0) return ImageSize{size[2], size[3]};
  }
  return std::nullopt;
}

Reference run_other_file(const Options& options, const Detector& detector) {
  const Detector other = open_detector(options.against, options.session);
  CaseOptions cases{.quick = options.quick, .size = static_size(detector, other), .photos = {}};
  for (const std::string& image : options.images) cases.photos.push_back(read_image(image));
  return reference_from(other, standard_cases(cases));
}

std::string kind_text(ReferenceKind kind, const Reference& reference) {
  if (kind == ReferenceKind::kOnnx) return "ONNX file";
  const auto value = [&](const char* key) {
    const auto entry = reference.metadata.find(key);
    return entry == reference.metadata.end() ? std::string("?") : printable(entry->second, 40);
  };
  return fmt::format("{} torch {}, torchvision {}",
                     kind == ReferenceKind::kRecorded ? "recorded in" : "run in", value("torch"),
                     value("torchvision"));
}

int run_verify(Options options, const Invocation& invocation) {
  options.core.max_flips = options.max_flips_percent / 100;
  if (invocation.verbose) {
    options.core.progress = [](const std::string& name, std::size_t index, std::size_t count) {
      fmt::print(stderr, "[{}/{}] {}\n", index + 1, count, printable(name));
    };
  }
  const ReferenceKind kind = reference_kind(options.against);
  require_sense(options, kind);
  const Detector detector = open_detector(options.model, options.session);
  const Reference reference = kind == ReferenceKind::kRecorded ? read_reference(options.against)
                              : kind == ReferenceKind::kOnnx
                                  ? run_other_file(options, detector)
                                  : run_pytorch(options, detector, invocation);
  const VerifyReport report = verify(detector, reference, options.core);
  const VerifyTitle title{options.model, options.against, kind_text(kind, reference)};
  fmt::print("{}", (options.json ? verify_json : verify_text)(title, report, options.core));
  return report.equal() ? 0 : 1;
}

void add_tolerances(CLI::App& command, Options& options) {
  const CLI::Range positive(0.0, 1e9, "non-negative number");
  const auto tolerance = [&](const char* flag, double& target, const char* help) {
    command.add_option(flag, target, help)
        ->capture_default_str()
        ->check(positive)
        ->type_name("NUMBER");
  };
  Tolerance& allowed = options.core.tolerance;
  tolerance("--max-box-diff", allowed.box, "allowed difference of a box coordinate, in pixels");
  tolerance("--max-score-diff", allowed.score, "allowed difference of a score");
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
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("PERCENT");
}

}  // namespace

void add_verify(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("verify", "compare an exported file with PyTorch");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command
      ->add_option("--against", options->against,
                   "checkpoint (runs the installed PyTorch), file of record_reference.py, or "
                   "another ONNX file")
      ->required()
      ->type_name("REFERENCE");
  command->add_option("--image", options->images, "photo instead of the drawn scenes; repeatable")
      ->allow_extra_args(false)
      ->type_name("PHOTO");
  add_choice<bool>(*command, "--sizes", options->quick, {{"full", false}, {"quick", true}},
                   "quick: three small image sizes; full: eight");
  command->add_flag("--trust", options->trust,
                    "load a whole module in PyTorch although that runs code from the file");
  command->add_flag("--with-float64", options->precise,
                    "also run PyTorch in double precision and allow three times its rounding");
  command->add_option("--runtime", options->session.library, "ONNX Runtime library to use")
      ->type_name("FILE.so");
  command->add_option("--threads", options->session.threads, "threads; 0: ONNX Runtime's choice")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--json", options->json, "report as JSON");
  add_tolerances(*command, *options);
  command->footer(
      "tv2onnx verify pets.onnx --against pets.pth\n"
      "tv2onnx verify pets.onnx --against reference.safetensors --json");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_verify(*options, invocation); };
  });
}

}  // namespace tv2onnx::cli
