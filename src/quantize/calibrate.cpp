#include "quantize/calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "onnx/schema.h"
#include "onnx/write.h"
#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kBins = 2048;

struct Observed {
  ValueRange range;
  std::vector<double> counts = std::vector<double>(kBins, 0.0);

  void widen(const Tensor& values) {
    for (const float value : values.as<float>()) {
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  double width() const { return (double{range.high} - range.low) / kBins; }
  void count(const Tensor& values) {
    if (!(width() > 0)) return;
    for (const float value : values.as<float>()) {
      const auto bin = static_cast<std::size_t>((value - range.low) / width());
      counts[std::min(bin, kBins - 1)] += 1;
    }
  }
  /// The sum of squared errors of all that was counted.
  double error(ValueRange part) const {
    const UnsignedScale scale = scale_of(part);
    double sum = 0;
    for (std::size_t k = 0; k < kBins; ++k) {
      if (counts[k] == 0) continue;
      const double value = range.low + (static_cast<double>(k) + 0.5) * width();
      const double number =
          std::clamp(std::nearbyint(value / scale.scale) + scale.zero, 0.0, 255.0);
      const double miss = value - (number - scale.zero) * scale.scale;
      sum += counts[k] * miss * miss;
    }
    return sum;
  }
  ValueRange best() const {
    constexpr std::array<float, 9> kShares{1.0F, 0.95F, 0.9F, 0.85F, 0.8F, 0.75F, 0.7F, 0.6F, 0.5F};
    ValueRange best = range;
    double least = error(range);
    for (const float low : kShares) {
      for (const float high : kShares) {
        const ValueRange part{range.low * low, range.high * high};
        const double now = error(part);
        if (now < least) {
          least = now;
          best = part;
        }
        if (range.high == 0) break;
      }
      if (range.low == 0) break;
    }
    return best;
  }
};

}  // namespace

Session observing_session(OnnxModel model, const std::set<std::string>& values,
                          const SessionOptions& options) {
  model.graph.outputs.clear();
  for (const std::string& value : values) {
    OnnxValueInfo output;
    output.name = value;
    output.data_type = schema::data_type(DType::kFloat32);
    model.graph.outputs.push_back(std::move(output));
  }
  remove_dead(model);
  return {write_onnx(model, {}), "the model, as far as it is observed", options};
}

std::map<std::string, ValueRange> calibrate(const OnnxModel& model,
                                            const std::set<std::string>& values, std::size_t count,
                                            const InputOf& input, const SessionOptions& options) {
  const Session session = observing_session(model, values, options);
  std::vector<Observed> observed(values.size());
  for (std::size_t k = 0; k < 2 * count; ++k) {
    const std::vector<Tensor> results = session.run({input(k % count)});
    for (std::size_t v = 0; v < results.size(); ++v) {
      if (k < count) {
        observed[v].widen(results[v]);
      } else {
        observed[v].count(results[v]);
      }
    }
  }
  std::map<std::string, ValueRange> ranges;
  std::size_t v = 0;
  for (const std::string& value : values) ranges.emplace(value, observed[v++].best());
  return ranges;
}

}  // namespace tv2onnx
