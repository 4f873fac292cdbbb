// Where the time of a run goes, as a picture.

#include <fmt/format.h>

#include <algorithm>

#include "base/svg.h"
#include "tv2onnx/bench.h"

namespace tv2onnx {

std::string operators_svg(const BenchReport& report) {
  constexpr std::size_t kMost = 20;
  constexpr double kNames = 190;
  constexpr double kLongestBar = 360;
  constexpr double kRow = 22;
  std::vector<BenchOperator> rows = report.operators;
  if (rows.size() > kMost) {
    BenchOperator others{fmt::format("{} others", rows.size() - kMost), 0, 0};
    for (std::size_t k = kMost; k < rows.size(); ++k) {
      others.nodes += rows[k].nodes;
      others.ms += rows[k].ms;
    }
    rows.resize(kMost);
    rows.push_back(others);
  }
  double all = 0;
  double most = 0;
  for (const BenchOperator& row : rows) {
    all += row.ms;
    most = std::max(most, row.ms);
  }
  Svg svg(kNames + kLongestBar + 170, kRow * static_cast<double>(rows.size()) + 44);
  svg.text({10, 20}, fmt::format("{}: {:.1f} ms in nodes", report.files.at(0), all));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double y = 36 + kRow * static_cast<double>(k);
    const double length = most > 0 ? rows[k].ms / most * kLongestBar : 0;
    svg.text({kNames - 8, y + 12}, fmt::format("{} ({})", rows[k].op, rows[k].nodes), "end");
    svg.bar({kNames, y}, {length, kRow - 6}, kSvgColours[0]);
    svg.text({kNames + length + 8, y + 12},
             fmt::format("{:.2f} ms, {:.1f} %", rows[k].ms, all > 0 ? 100 * rows[k].ms / all : 0));
  }
  return svg.str();
}

}  // namespace tv2onnx
