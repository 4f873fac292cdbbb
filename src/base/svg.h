#pragma once
// Pictures as text, for reports.

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// Colours that are told apart also by those who see few of them, in this order.
inline constexpr std::array<std::string_view, 6> kSvgColours{"#0072b2", "#d55e00", "#009e73",
                                                             "#cc79a7", "#e69f00", "#56b4e9"};

/// Shapes on white, in pixels from the left upper corner.
class Svg {
 public:
  Svg(double width, double height) : width_(width), height_(height) {}

  void line(std::array<double, 2> from, std::array<double, 2> to, std::string_view colour);
  void curve(const std::vector<std::array<double, 2>>& points, std::string_view colour);
  void bar(std::array<double, 2> at, std::array<double, 2> size, std::string_view colour);
  /// \param anchor which end of the text is there: "start", "middle", "end"
  void text(std::array<double, 2> at, std::string_view words, std::string_view anchor = "start");
  std::string str() const;

 private:
  double width_;
  double height_;
  std::string shapes_;
};

}  // namespace tv2onnx
