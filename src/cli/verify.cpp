// tv2onnx verify MODEL.onnx --against REF

#include <fmt/format.h>

#include <memory>

#include "base/own_place.h"
#include "base/text.h"
#include "cli/command.h"
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
  std::string sizes = "full";
  bool trust = false;
  bool precise = false;
  bool json = false;
  double max_flips_percent = 100 * VerifyOptions{}.max_flips;
  SessionOptions session;
  VerifyOptions core;

  bool quick() const { return sizes == "quick"; }
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

std::filesystem::path script() {
  std::filesystem::path place = script_place("record_reference.py");
  if (std::filesystem::exists(place)) return place;
  throw Error({.code = "V003",
               .found = "record_reference.py, which runs PyTorch, is not installed",
               .where = {.file = place.string()},
               .hint = "install tv2onnx again, or verify against a recorded reference"});
}

Reference run_pytorch(const Options& options, const Detector& detector,
                      const Invocation& invocation) {
  RecordOptions record;
  record.script = script();
  const FileMetadata& metadata = detector.contract().metadata;
  record.builder = metadata.architecture;
  if (metadata.config.dict() != nullptr) record.settings = to_json(metadata.config);
  record.images = options.images;
  record.quick = options.quick();
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
    if (const auto size = detector->contract().only_size()) return size;
  }
  return std::nullopt;
}

Reference run_other_file(const Options& options, const Detector& detector) {
  const Detector other(options.against, options.session);
  CaseOptions cases{.quick = options.quick(), .size = static_size(detector, other), .photos = {}};
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
  const Detector detector(options.model, options.session);
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
  command->add_option("--image", options->images, "photo to use instead of drawn scenes")
      ->allow_extra_args(false);
  command->add_option("--sizes", options->sizes, "quick: three small sizes; full: eight")
      ->capture_default_str()
      ->check(CLI::IsMember({"quick", "full"}));
  command->add_flag("--trust", options->trust,
                    "load a whole module in PyTorch although that runs code from the file");
  command->add_flag("--with-float64", options->precise,
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
