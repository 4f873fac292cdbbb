// tv2onnx bench MODEL.onnx [--vs OTHER.onnx]: how long a run takes, alone or beside another file.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/image_size.h"
#include "cli/paths.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::cli {
namespace {

struct Options {
  std::string model;
  std::string other;
  std::string image;
  std::vector<std::string> sizes{"480x640", "800x1066"};
  std::vector<int> threads{1};
  int runs = 10;
  std::string runtime;
  bool json = false;
};

/// Times of one file at one size.
struct Timing {
  std::string file;
  double median = 0;   ///< milliseconds
  double fastest = 0;  ///< milliseconds
  std::size_t detections = 0;
};

struct Row {
  int threads = 0;
  std::string size;
  std::vector<Timing> timings;  ///< the model, then the other file if there is one

  /// How many times faster the model is than the other file.
  double ratio() const { return timings[1].median / timings[0].median; }
};

/// One image of the size: the photo, or a drawn scene.
Tensor image_of(const Options& options, const std::string& size) {
  CaseOptions cases{.size = parse_size(size), .photos = {}};
  if (!options.image.empty()) cases.photos.push_back(read_image(options.image));
  return standard_cases(cases).front().input;
}

double milliseconds(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Alternates between the files, so that what else the machine does hits all of them alike.
Row measure(const std::vector<Detector>& detectors, const Tensor& image, int runs) {
  Row row;
  std::vector<Tensor> inputs;
  std::vector<std::vector<double>> times(detectors.size());
  for (const Detector& detector : detectors) {
    row.timings.push_back({.file = detector.session().file()});
    row.timings.back().detections = detector.run(image)[0].size();  // also warms up
    inputs.push_back(detector.session_input(image));
  }
  for (int run = 0; run < runs; ++run) {
    for (std::size_t k = 0; k < detectors.size(); ++k) {
      times[k].push_back(milliseconds([&] { detectors[k].session().run({inputs[k]}); }));
    }
  }
  for (std::size_t k = 0; k < detectors.size(); ++k) {
    std::ranges::sort(times[k]);
    row.timings[k].median = times[k][times[k].size() / 2];
    row.timings[k].fastest = times[k].front();
  }
  return row;
}

std::vector<Row> measure_all(const Options& options, const Invocation& invocation) {
  std::vector<Row> rows;
  for (const int threads : options.threads) {
    const SessionOptions session{.library = options.runtime, .threads = threads};
    std::vector<Detector> detectors;
    detectors.push_back(open_detector(options.model, session));
    if (!options.other.empty()) detectors.push_back(open_detector(options.other, session));
    for (const std::string& size : options.sizes) {
      if (!invocation.quiet)
        fmt::print(stderr, "{}, {}\n", counted(static_cast<std::size_t>(threads), "thread"), size);
      rows.push_back(measure(detectors, image_of(options, size), options.runs));
      rows.back().threads = threads;
      rows.back().size = size;
    }
  }
  return rows;
}

void print_text(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> table{
      {"THREADS", "SIZE", "FILE", "MEDIAN MS", "FASTEST MS", "DETECTIONS", "RATIO"}};
  for (const Row& row : rows) {
    for (std::size_t k = 0; k < row.timings.size(); ++k) {
      const Timing& timing = row.timings[k];
      table.push_back({std::to_string(row.threads), row.size, timing.file,
                       fmt::format("{:.1f}", timing.median), fmt::format("{:.1f}", timing.fastest),
                       std::to_string(timing.detections),
                       k == 0 && row.timings.size() > 1 ? fmt::format("{:.2f}", row.ratio()) : ""});
    }
  }
  fmt::print("{}\n", table_text(table));
}

void print_json(const std::vector<Row>& rows, const std::string& runtime) {
  nlohmann::ordered_json answer{{"runtime", find_runtime(runtime).second}};
  auto& list = answer["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json entry{{"threads", row.threads}, {"size", row.size}};
    for (const Timing& timing : row.timings) {
      entry["files"].push_back({{"file", timing.file},
                                {"median_ms", timing.median},
                                {"fastest_ms", timing.fastest},
                                {"detections", timing.detections}});
    }
    if (row.timings.size() > 1) entry["ratio"] = row.ratio();
    list.push_back(std::move(entry));
  }
  fmt::print("{}\n", answer.dump(2));
}

int run_bench(const Options& options, const Invocation& invocation) {
  const std::vector<Row> rows = measure_all(options, invocation);
  if (options.json) {
    print_json(rows, options.runtime);
  } else {
    print_text(rows);
  }
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("bench", "measure inference time");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command->add_option("--vs", options->other, "second ONNX file to compare; runs alternate")
      ->type_name("OTHER.onnx");
  command->add_option("--image", options->image, "photo instead of a drawn scene")
      ->type_name("PHOTO");
  command->add_option("--size", options->sizes, "size of the image; repeatable")
      ->type_name("HEIGHTxWIDTH")
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_option("--threads", options->threads, "threads of ONNX Runtime; repeatable")
      ->type_name("N")
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--runs", options->runs, "runs of each file")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--runtime", options->runtime, "ONNX Runtime library to use")
      ->type_name("FILE.so");
  command->add_flag("--json", options->json, "report as JSON");
  command->footer("tv2onnx bench pets.onnx --vs other.onnx --threads 2");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_bench(*options, invocation); };
  });
}

}  // namespace tv2onnx::cli
