#include "tv2onnx/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#include "base/json_text.h"
#include "base/stopwatch.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Alternates between the files, so that what else the machine does hits all of them alike.
BenchRow measure(const std::vector<Detector>& detectors, const Tensor& image, int runs) {
  BenchRow row;
  std::vector<Tensor> inputs;
  std::vector<std::vector<double>> times(detectors.size());
  for (const Detector& detector : detectors) {
    row.timings.emplace_back().detections = detector.run(image)[0].size();  // also warms up
    inputs.push_back(detector.session_input(image));
  }
  for (int run = 0; run < runs; ++run) {
    for (std::size_t k = 0; k < detectors.size(); ++k) {
      const Stopwatch watch;
      detectors[k].session().run({inputs[k]});
      times[k].push_back(watch.milliseconds());
    }
  }
  for (std::size_t k = 0; k < detectors.size(); ++k) {
    std::ranges::sort(times[k]);
    row.timings[k].median_ms = times[k][times[k].size() / 2];
    row.timings[k].fastest_ms = times[k].front();
  }
  return row;
}

std::vector<ImageSize> sizes_for(const std::vector<Detector>& detectors,
                                 const BenchOptions& options) {
  if (!options.sizes.empty()) return options.sizes;
  for (const Detector& detector : detectors) {
    if (const auto only = detector.contract().only_size()) return {*only};
  }
  return options.usual_sizes;
}

/// \throws Error U002, U003.
void require_possible(const BenchOptions& options) {
  if (options.runs < 1) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} runs", options.runs),
                 .where = {.item = "runs"},
                 .expected = "at least 1"});
  }
  if (!options.image) {
    throw Error({.code = "U003",
                 .found = "no function that makes an image of a size",
                 .where = {.item = "image"},
                 .expected = "one that gives uint8 [1,height,width,3]"});
  }
}

/// The image of a size. \throws Error U002: of another shape.
Tensor image_of(const BenchOptions& options, const ImageSize& size) {
  Tensor image = options.image(size);
  if (image.shape.size() == 4 && image.shape[0] == 1) return image;
  throw Error({.code = "U002",
               .found = fmt::format("an image of shape {}", shape_text(image.shape)),
               .where = {.item = "image"},
               .expected = fmt::format("[1,{},{},3]", size[0], size[1])});
}

std::string size_name(const ImageSize& size) {
  return fmt::format("{}x{}", size[0], size[1]);
}

}  // namespace

double BenchRow::ratio() const {
  return timings.size() < 2 ? 1 : timings[1].median_ms / timings[0].median_ms;
}

std::string BenchReport::conclusion() const {
  if (files.size() < 2 || rows.empty()) return "";
  const double sum =
      std::accumulate(rows.begin(), rows.end(), 0.0,
                      [](double all, const BenchRow& row) { return all + std::log(row.ratio()); });
  const double ratio = std::exp(sum / static_cast<double>(rows.size()));
  std::string text = fmt::format("{} is {:.2f} times as fast as {}", files[0], ratio, files[1]);
  if (rows.size() == 1) return text;
  const auto [least, most] = std::ranges::minmax(rows, {}, &BenchRow::ratio);
  return text + fmt::format(" (geometric mean of {}; {:.2f} to {:.2f})", rows.size(), least.ratio(),
                            most.ratio());
}

std::string BenchReport::machine() const {
  return fmt::format("ONNX Runtime {}; {} cores, load {:.1f}", runtime, cores, load);
}

std::string to_json(const BenchReport& report) {
  nlohmann::ordered_json answer{
      {"runtime", report.runtime}, {"cores", report.cores}, {"load", report.load}};
  auto& list = answer["rows"] = nlohmann::ordered_json::array();
  for (const BenchRow& row : report.rows) {
    nlohmann::ordered_json entry{{"threads", row.threads}, {"size", size_name(row.size)}};
    for (std::size_t k = 0; k < row.timings.size(); ++k) {
      const BenchTiming& timing = row.timings[k];
      entry["files"].push_back({{"file", report.files[k]},
                                {"median_ms", timing.median_ms},
                                {"fastest_ms", timing.fastest_ms},
                                {"detections", timing.detections}});
    }
    if (row.timings.size() > 1) entry["ratio"] = row.ratio();
    list.push_back(std::move(entry));
  }
  if (report.files.size() > 1) answer["conclusion"] = report.conclusion();
  return json_text(answer);
}

BenchReport bench(const std::filesystem::path& model, const BenchOptions& options) {
  require_possible(options);
  BenchReport report;
  report.files.push_back(model.string());
  if (options.other) report.files.push_back(options.other->string());
  report.runtime = find_runtime(options.runtime).second;
  report.cores = std::thread::hardware_concurrency();
  if (getloadavg(&report.load, 1) != 1) report.load = 0;
  std::size_t done = 0;
  for (const int threads : options.threads) {
    std::vector<Detector> detectors;
    for (const std::string& file : report.files) {
      detectors.emplace_back(file, SessionOptions{.library = options.runtime, .threads = threads});
    }
    const std::vector<ImageSize> sizes = sizes_for(detectors, options);
    for (const ImageSize& size : sizes) {
      const std::string name =
          fmt::format("{} thread{}, {}", threads, threads == 1 ? "" : "s", size_name(size));
      begin_step(options.control, {name, done++, sizes.size() * options.threads.size()});
      BenchRow row = measure(detectors, image_of(options, size), options.runs);
      row.threads = threads;
      row.size = size;
      report.rows.push_back(std::move(row));
    }
  }
  return report;
}

}  // namespace tv2onnx
