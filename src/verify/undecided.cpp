#include "verify/undecided.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace tv2onnx {
namespace {

constexpr double kMany = 0.01;   // fewer differences are flips, explained one by one
constexpr double kTied = 0.25;   // share of tied detections from which ties decide the rest
constexpr double kCounts = 0.1;  // ties hardly change how many boxes survive
constexpr float kEqual = 2e-6F;  // of scores: what float32 rounds a sum over a window differently
constexpr double kProposals = 0.1;  // what a few other proposals change
constexpr double kMayDecide = 0.5;  // rounding does not decide most detections

/// Detections with a score that another one has, too.
std::size_t tied(const Detections& list) {
  std::vector<float> scores;
  for (const Detection& one : list) scores.push_back(one.score);
  std::ranges::sort(scores);
  std::size_t count = 0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    const bool below = k > 0 && scores[k] - scores[k - 1] <= kEqual;
    const bool above = k + 1 < scores.size() && scores[k + 1] - scores[k] <= kEqual;
    count += below || above ? 1 : 0;
  }
  return count;
}

bool often_tied(const Detections& list) {
  return !list.empty() &&
         static_cast<double>(tied(list)) >= kTied * static_cast<double>(list.size());
}

/// How many detections of the longer list have no partner in the other.
double apart_of(const Detections& one, const Detections& other, std::size_t matched) {
  return static_cast<double>(std::max(one.size(), other.size()) - matched);
}

/// Whether float64 moves a third as many of PyTorch's own detections, and most of them agree: as
/// other differences, those between lists may be three times what rounding makes of PyTorch's.
bool rounding_decides(double apart, const Detections& expected, const Detections* precise,
                      const Tolerance& allowed) {
  if (precise == nullptr || apart > kMayDecide * static_cast<double>(expected.size())) return false;
  const std::size_t matched = compare(expected, *precise, allowed).matched;
  return apart <= 3 * apart_of(expected, *precise, matched);
}

}  // namespace

std::string undecided(const DetectionComparison& result, const Detections& expected,
                      const Detections& found, bool one_colour, const Detections* precise) {
  const auto count = static_cast<double>(expected.size());
  const double apart = apart_of(expected, found, result.matched);
  if (result.equal() && apart <= kMany * count) return "";
  const bool rounding = rounding_decides(apart, expected, precise, result.allowed);
  const double more = static_cast<double>(found.size()) - count;
  if (std::abs(more) > kCounts * count && !rounding) return "";
  if (often_tied(expected) && often_tied(found)) {
    return fmt::format(
        "{} of {} reference scores are tied: which boxes survive is arbitrary; {} detections agree",
        tied(expected), expected.size(), result.matched);
  }
  if (!one_colour || (apart > kProposals * count && !rounding)) return "";
  return fmt::format(
      "one colour: all proposals are tied, which boxes survive is arbitrary; {} of {} detections "
      "agree",
      result.matched, expected.size());
}

bool is_one_colour(const Tensor& images, std::size_t k) {
  const auto size =
      static_cast<std::size_t>(images.size() / images.shape[0]) * dtype_size(images.dtype);
  const std::span image(images.data + k * size, size);
  const bool bytes = images.dtype == DType::kUInt8;
  // Pixel after pixel, or one plane for each channel.
  const auto channels = static_cast<std::size_t>(images.shape[bytes ? 3 : 1]);
  const std::size_t unit = bytes ? channels : dtype_size(images.dtype);
  const std::size_t plane = bytes ? size : size / channels;
  for (std::size_t begin = 0; begin < size; begin += plane) {
    const std::span values = image.subspan(begin, plane);
    if (!std::ranges::equal(values.first(plane - unit), values.subspan(unit))) return false;
  }
  return true;
}

}  // namespace tv2onnx
