// tv2onnx bench MODEL.onnx [--vs OTHER.onnx]: how long a run takes, alone or beside another file.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/image_size.h"
#include "cli/print.h"
#include "cli/session_options.h"
#include "tv2onnx/bench.h"
#include "tv2onnx/image.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::cli {
namespace {

struct BenchArguments {
  std::string model;
  std::string other;
  std::string image;
  std::vector<std::string> sizes;
  std::string picture;
  bool overwrite = false;
  bool json = false;
  BenchOptions core;
};

ImageSize size_of(const Tensor& photo) {
  return {photo.shape[1], photo.shape[2]};
}

/// The images: the photo, which has its own size if no other is asked for, or drawn scenes.
void set_images(const std::string& photo_file, BenchOptions& options) {
  std::vector<Tensor> photos;
  if (!photo_file.empty()) photos.push_back(read_image(photo_file));
  if (!photos.empty()) options.usual_sizes = {size_of(photos[0])};
  options.image = [photos](const ImageSize& size) {
    if (!photos.empty() && size_of(photos[0]) == size) return photos[0];
    return standard_cases({.size = size, .photos = photos}).front().input;
  };
}

bool are_of_detectors(const BenchReport& report) {
  return std::ranges::any_of(report.rows, [](const BenchRow& row) {
    return std::ranges::any_of(row.timings,
                               [](const BenchTiming& one) { return one.detections.has_value(); });
  });
}

std::string as_text(const BenchReport& report) {
  std::vector<std::vector<std::string>> table{{"THREADS", "SIZE", "BATCH", "FILE", "MEDIAN MS",
                                               "FASTEST MS", "90 % MS", "99 % MS", "IMAGES/S",
                                               "RATIO"}};
  const bool detections = are_of_detectors(report);
  if (detections) table[0].emplace_back("DETECTIONS");
  const auto shown = [](double time) { return fmt::format("{:.1f}", time); };
  for (const BenchRow& row : report.rows) {
    for (std::size_t k = 0; k < row.timings.size(); ++k) {
      const BenchTiming& timing = row.timings[k];
      const bool compared = k == 0 && row.timings.size() > 1;
      table.push_back({std::to_string(row.threads), fmt::format("{}x{}", row.size[0], row.size[1]),
                       std::to_string(row.batch), report.files[k], shown(timing.median_ms),
                       shown(timing.fastest_ms), shown(timing.p90_ms), shown(timing.p99_ms),
                       fmt::format("{:.2f}", row.throughput(k)),
                       compared ? fmt::format("{:.2f}", row.ratio()) : ""});
      if (detections) table.back().push_back(std::to_string(timing.detections.value_or(0)));
    }
  }
  const std::string conclusion = report.conclusion();
  return fmt::format("{}\n{}\n{}{}", table_text(table), report.machine(),
                     printable(conclusion, 9000), conclusion.empty() ? "" : "\n");
}

std::string operators_text(const std::vector<BenchOperator>& operators) {
  if (operators.empty()) return "";
  double all = 0;
  for (const BenchOperator& one : operators) all += one.ms;
  std::vector<std::vector<std::string>> table{{"OPERATOR", "NODES", "MS", "SHARE"}};
  for (const BenchOperator& one : operators) {
    table.push_back({one.op, std::to_string(one.nodes), fmt::format("{:.2f}", one.ms),
                     fmt::format("{:.1f} %", all > 0 ? 100 * one.ms / all : 0)});
  }
  return "\n" + table_text(std::move(table));
}

int run_bench(BenchArguments options, const Invocation& invocation) {
  BenchOptions& core = options.core;
  if (!options.other.empty()) core.other = options.other;
  for (const std::string& size : options.sizes) core.sizes.push_back(parse_size(size));
  set_images(options.image, core);
  if (!invocation.quiet) {
    core.control.progress = [](const Step& step) { print_log("{}\n", printable(step.name)); };
  }
  core.profile = core.profile || !options.picture.empty();
  Answer picture(options.picture, options.overwrite);
  const BenchReport report = bench(options.model, core);
  picture.write(core.profile ? operators_svg(report) : "");
  print_answer("{}", options.json ? to_json(report) + "\n"
                                  : as_text(report) + operators_text(report.operators));
  return 0;
}

/// How much is run, and how often.
void add_amounts(Command& command, BenchOptions& amounts) {
  command.add_option("--threads", amounts.threads, "threads of ONNX Runtime; repeatable")
      ->type_name("N")
      ->repeatable()
      ->range(1, 1024)
      ->capture_default_str();
  command.add_option("--batch", amounts.batches, "images in one run; repeatable")
      ->type_name("N")
      ->repeatable()
      ->range(1, 1024)
      ->capture_default_str();
  command.add_option("--warm-up", amounts.warm_up, "runs of each file that do not count")
      ->type_name("N")
      ->range(0, 100000)
      ->capture_default_str();
  command.add_option("--runs", amounts.runs, "runs of each file")
      ->type_name("N")
      ->range(1, 100000)
      ->capture_default_str();
}

}  // namespace

void add_bench(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("bench", "measure inference time");
  auto options = std::make_shared<BenchArguments>();
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command->add_option("--vs", options->other, "second ONNX file to compare; runs alternate")
      ->type_name("OTHER.onnx");
  command->add_option("--image", options->image, "photo instead of a drawn scene")
      ->type_name("PHOTO");
  command
      ->add_option("--size", options->sizes,
                   "size of the image; repeatable (default: the photo's, the only one that a file "
                   "takes, else 480x640, of detectors 800x1066, too)")
      ->type_name("HEIGHTxWIDTH")
      ->repeatable();
  add_amounts(*command, options->core);
  command->add_flag("--profile", options->core.profile,
                    "how the first file's time is shared among operators");
  command->add_option("--profile-svg", options->picture, "the same as a picture")
      ->type_name("FILE.svg");
  command->add_flag("-f,--force", options->overwrite, "overwrite the picture");
  command->add_option("--runtime", options->core.runtime, "ONNX Runtime library to use")
      ->type_name("FILE.so");
  add_no_spinning(*command, options->core.spinning);
  command->add_flag("--json", options->json, "report as JSON");
  command->footer("tv2onnx bench pets.onnx --vs other.onnx --threads 2");
  command->run = [options, &invocation] { return run_bench(*options, invocation); };
}

}  // namespace tv2onnx::cli
