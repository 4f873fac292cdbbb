// What quantising a file gained and lost, in words and as JSON.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "run/kept.h"
#include "tv2onnx/quantize.h"

namespace tv2onnx {

double QuantizeReport::share_kept() const {
  return confident == 0 ? 0 : static_cast<double>(kept) / static_cast<double>(confident);
}

std::string QuantizeReport::fault() const {
  const std::string lost =
      task == Task::kDetection
          ? fault_of({confident, kept, added}, fewest_kept)
          : fault_of({confident, kept, added}, fewest_kept,
                     task == Task::kSegmentation ? "classes of pixels" : "best classes");
  if (!lost.empty()) return lost;
  return speed > 1 ? "" : fmt::format("it is not faster: {:.2f} times as fast", speed);
}

std::string to_json(const QuantizeReport& report) {
  nlohmann::ordered_json json{{"model", report.model},
                              {"output", report.output},
                              {"convolutions", report.convolutions},
                              {"layers", report.layers},
                              {"weight_bits", report.weight_bits},
                              {"calibrated", report.calibrated},
                              {"judged", report.judged},
                              {"bytes_before", report.bytes_before},
                              {"bytes_after", report.bytes_after},
                              {"speed", report.speed},
                              {"counted", report.things},
                              {"confident", report.confident},
                              {"kept", report.kept},
                              {"added", report.added},
                              {"machine", report.machine},
                              {"fault", report.fault()}};
  if (report.precision) {
    const CocoDifference& ap = *report.precision;
    json["AP"] = {{"before", ap.first}, {"after", ap.second}, {"low", ap.low}, {"high", ap.high}};
  }
  for (const LayerCost& cost : report.costs) {
    json["costs"].push_back(
        {{"layer", cost.layer}, {"own_db", cost.own}, {"total_db", cost.total}});
  }
  return json_text(json);
}

}  // namespace tv2onnx
