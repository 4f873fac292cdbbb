#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/json_text.h"
#include "tv2onnx/bench.h"

namespace tv2onnx {

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
    nlohmann::ordered_json entry{{"threads", row.threads},
                                 {"size", fmt::format("{}x{}", row.size[0], row.size[1])},
                                 {"batch", row.batch}};
    for (std::size_t k = 0; k < row.timings.size(); ++k) {
      const BenchTiming& timing = row.timings[k];
      auto& file = entry["files"].emplace_back();
      file = {{"file", report.files[k]},         {"median_ms", timing.median_ms},
              {"fastest_ms", timing.fastest_ms}, {"p90_ms", timing.p90_ms},
              {"p99_ms", timing.p99_ms},         {"images_per_second", row.throughput(k)}};
      if (timing.detections) file["detections"] = *timing.detections;
    }
    if (row.timings.size() > 1) entry["ratio"] = row.ratio();
    list.push_back(std::move(entry));
  }
  for (const BenchOperator& one : report.operators) {
    answer["operators"].push_back({{"op", one.op}, {"nodes", one.nodes}, {"ms", one.ms}});
  }
  if (report.files.size() > 1) answer["conclusion"] = report.conclusion();
  return json_text(answer);
}

}  // namespace tv2onnx
