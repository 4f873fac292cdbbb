#include "quantize/judge.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/stopwatch.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kTimed = 4;  // images
constexpr std::size_t kRuns = 5;   // of each

double seconds_of(const LoadedModel& model, const Tensor& input) {
  const Stopwatch watch;
  session_of(model).run({input});
  return watch.seconds();
}

}  // namespace

Judgement judge(const LoadedModel& original, const LoadedModel& quantised, std::size_t count,
                const std::function<Tensor(std::size_t k)>& image) {
  Judgement judgement;
  std::array<double, 2> seconds{};
  for (std::size_t k = 0; k < count; ++k) {
    const Tensor photo = image(k);
    count_kept(original, quantised, photo, judgement.kept);
    if (k >= kTimed) continue;
    const std::array inputs{input_of(original, photo), input_of(quantised, photo)};
    std::array<double, 2> least{std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::max()};
    for (std::size_t run = 0; run < kRuns; ++run) {
      least[0] = std::min(least[0], seconds_of(original, inputs[0]));
      least[1] = std::min(least[1], seconds_of(quantised, inputs[1]));
    }
    for (std::size_t file = 0; file < 2; ++file) seconds[file] += least[file];
  }
  judgement.speed = seconds[1] > 0 ? seconds[0] / seconds[1] : 0;
  return judgement;
}

}  // namespace tv2onnx
