// Precision over recall as a picture.

#include <fmt/format.h>

#include "base/svg.h"
#include "tv2onnx/average_precision.h"

namespace tv2onnx {
namespace {

constexpr double kLeft = 60;
constexpr double kTop = 20;
constexpr double kSide = 400;
constexpr double kLegend = 190;

std::array<double, 2> place_of(double recall, double precision) {
  return {kLeft + recall * kSide, kTop + (1 - precision) * kSide};
}

void draw_axes(Svg& svg) {
  for (int k = 0; k <= 5; ++k) {
    const double share = k / 5.0;
    svg.line(place_of(share, 0), place_of(share, 1), "#dddddd");
    svg.line(place_of(0, share), place_of(1, share), "#dddddd");
    const auto [x, bottom] = place_of(share, 0);
    svg.text({x, bottom + 18}, fmt::format("{:.1f}", share), "middle");
    const auto [left, y] = place_of(0, share);
    svg.text({left - 6, y + 4}, fmt::format("{:.1f}", share), "end");
  }
  svg.text({kLeft + kSide / 2, kTop + kSide + 38}, "recall", "middle");
  svg.text({kLeft - 54, kTop - 6}, "precision");
}

double mean_of(const std::array<double, 101>& precision) {
  double sum = 0;
  for (const double one : precision) sum += one;
  return sum / 101;
}

}  // namespace

std::string precision_recall_svg(const CocoScores& scores) {
  Svg svg(kLeft + kSide + kLegend, kTop + kSide + 50);
  draw_axes(svg);
  CocoCurve all;
  for (const CocoCurve& curve : scores.curves) {
    for (std::size_t k = 0; k < all.precision.size(); ++k) {
      all.precision[k] += curve.precision[k] / static_cast<double>(scores.curves.size());
    }
  }
  const char* noun = scores.kind == CocoKind::kKeypoints ? "OKS" : "IoU";
  std::size_t row = 0;
  const auto add = [&](const CocoCurve& curve, const std::string& name) {
    std::vector<std::array<double, 2>> points;
    for (std::size_t k = 0; k < curve.precision.size(); ++k) {
      points.push_back(place_of(static_cast<double>(k) / 100, curve.precision[k]));
    }
    const double y = kTop + 14 + 22 * static_cast<double>(row);
    const std::string_view colour = kSvgColours[row++];
    svg.curve(points, colour);
    svg.bar({kLeft + kSide + 16, y - 8}, {18, 5}, colour);
    svg.text({kLeft + kSide + 40, y},
             fmt::format("{}: {:.1f}", name, 100 * mean_of(curve.precision)));
  };
  for (const std::size_t t : {std::size_t{0}, std::size_t{5}, std::size_t{8}}) {
    if (t < scores.curves.size()) {
      add(scores.curves[t], fmt::format("{} {:.2f}", noun, scores.curves[t].overlap));
    }
  }
  add(all, fmt::format("mean of {} 0.50-0.95", noun));
  return svg.str();
}

}  // namespace tv2onnx
