#include "tv2onnx/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include "base/platform.h"
#include "base/stopwatch.h"
#include "run/runner.h"
#include "runtime/profile.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kUsualFrames = 16;  // of a clip, in most of torchvision's recipes

/// The least of the sorted times that this share of all does not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  const double place = std::ceil(share * static_cast<double>(sorted.size())) - 1;
  return sorted[static_cast<std::size_t>(std::max(place, 0.0))];
}

/// The image several times.
Tensor repeated(const Tensor& image, std::int64_t count) {
  const std::vector<std::byte> bytes = contiguous_bytes(image);
  auto all = std::make_shared<std::vector<std::byte>>();
  for (std::int64_t k = 0; k < count; ++k) all->insert(all->end(), bytes.begin(), bytes.end());
  Tensor several = image;
  several.shape[0] = count;
  several.strides = {};
  several.data = all->data();
  several.owner = all;
  return several;
}

/// \throws Error U002: another number of images than the file takes.
void require_batch(const Runner& runner, int batch) {
  const bool of_clips = contract_of(runner).task == Task::kVideo;
  const std::int64_t taken = of_clips ? 1 : contract_of(runner).input.batch();
  if (taken < 0 || taken == batch) return;
  throw Error({.code = "U002",
               .found = fmt::format("{} {}{} in a run, and the file takes {}", batch,
                                    of_clips ? "clip" : "image", batch == 1 ? "" : "s", taken),
               .where = {.file = session_of(runner).file()},
               .hint = fmt::format("--batch {}", taken)});
}

/// What the session takes for an image of [1, height, width, 3].
std::vector<Tensor> inputs_of(const Runner& runner, const Tensor& image, int batch) {
  require_batch(runner, batch);
  const Contract& contract = contract_of(runner);
  std::int64_t count = batch;
  if (contract.task == Task::kVideo) {
    count = contract.input.frames() > 0 ? contract.input.frames() : kUsualFrames;
  }
  const Tensor input = session_input(runner, count == 1 ? image : repeated(image, count));
  if (contract.task == Task::kFlow) return {input, input};
  return {input};
}

std::vector<std::vector<Tensor>> inputs_of(const std::vector<Runner>& runners, const Tensor& image,
                                           int batch) {
  std::vector<std::vector<Tensor>> inputs;
  inputs.reserve(runners.size());
  for (const Runner& runner : runners) inputs.push_back(inputs_of(runner, image, batch));
  return inputs;
}

/// Alternates between the files, so that what else the machine does hits all of them alike.
BenchRow measure(const std::vector<Runner>& runners, const Tensor& image,
                 const std::vector<std::vector<Tensor>>& inputs, const BenchOptions& options) {
  BenchRow row;
  std::vector<std::vector<double>> times(runners.size());
  for (const Runner& runner : runners) {
    BenchTiming& timing = row.timings.emplace_back();
    const auto* detector = std::get_if<Detector>(&runner);
    if (detector != nullptr) timing.detections = detector->run(image)[0].size();
  }
  for (int run = -options.warm_up; run < options.runs; ++run) {
    for (std::size_t k = 0; k < runners.size(); ++k) {
      const Stopwatch watch;
      session_of(runners[k]).run(inputs[k]);
      if (run >= 0) times[k].push_back(watch.milliseconds());
    }
  }
  for (std::size_t k = 0; k < runners.size(); ++k) {
    std::ranges::sort(times[k]);
    row.timings[k].median_ms = times[k][times[k].size() / 2];
    row.timings[k].fastest_ms = times[k].front();
    row.timings[k].p90_ms = percentile(times[k], 0.9);
    row.timings[k].p99_ms = percentile(times[k], 0.99);
  }
  return row;
}

std::vector<ImageSize> sizes_for(const std::vector<Runner>& runners, const BenchOptions& options) {
  if (!options.sizes.empty()) return options.sizes;
  for (const Runner& runner : runners) {
    if (const auto only = contract_of(runner).only_size()) return {*only};
  }
  if (contract_of(runners[0]).task == Task::kDetection) return options.usual_sizes;
  return {options.usual_sizes.at(0)};
}

/// \throws Error U002, U003.
void require_possible(const BenchOptions& options) {
  if (options.runs < 1) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} runs", options.runs),
                 .where = {.item = "runs"},
                 .expected = "at least 1"});
  }
  const bool none = options.batches.empty() || std::ranges::min(options.batches) < 1;
  if (none || options.warm_up < 0) {
    throw Error({.code = "U002",
                 .found = none ? "a batch of no image" : "fewer than no runs to warm up",
                 .where = {.item = none ? "batches" : "warm_up"}});
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

SessionOptions bench_session(const BenchOptions& options, int threads) {
  return {.library = options.runtime, .threads = threads, .spinning = options.spinning};
}

std::vector<BenchOperator> operators_of(const std::string& file, const std::vector<Tensor>& inputs,
                                        int threads, const BenchOptions& options) {
  std::vector<BenchOperator> operators;
  for (const OperatorTime& one :
       operator_times(file, inputs, options.runs, bench_session(options, threads))) {
    operators.push_back({one.op, one.nodes, one.ms});
  }
  return operators;
}

std::vector<std::pair<ImageSize, int>> cases_of(const std::vector<ImageSize>& sizes,
                                                const std::vector<int>& batches) {
  std::vector<std::pair<ImageSize, int>> cases;
  for (const ImageSize& size : sizes) {
    for (const int batch : batches) cases.emplace_back(size, batch);
  }
  return cases;
}

}  // namespace

BenchReport bench(const std::filesystem::path& model, const BenchOptions& options) {
  require_possible(options);
  BenchReport report;
  report.files.push_back(model.string());
  if (options.other) report.files.push_back(options.other->string());
  report.runtime = find_runtime(options.runtime).second;
  report.cores = std::thread::hardware_concurrency();
  report.load = platform::load_of_system();
  std::size_t done = 0;
  for (const int threads : options.threads) {
    std::vector<Runner> runners;
    for (const std::string& file : report.files) {
      runners.push_back(load_runner(file, bench_session(options, threads)));
    }
    const std::vector<ImageSize> sizes = sizes_for(runners, options);
    for (const auto& [size, batch] : cases_of(sizes, options.batches)) {
      std::string name =
          fmt::format("{} thread{}, {}x{}", threads, threads == 1 ? "" : "s", size[0], size[1]);
      if (batch > 1) name += fmt::format(", {} images", batch);
      begin_step(options.control,
                 {name, done++, sizes.size() * options.batches.size() * options.threads.size()});
      const Tensor image = image_of(options, size);
      const std::vector<std::vector<Tensor>> inputs = inputs_of(runners, image, batch);
      if (options.profile && report.rows.empty()) {
        report.operators = operators_of(report.files[0], inputs[0], threads, options);
      }
      BenchRow row = measure(runners, image, inputs, options);
      row.threads = threads;
      row.size = size;
      row.batch = batch;
      report.rows.push_back(std::move(row));
    }
  }
  return report;
}

}  // namespace tv2onnx
