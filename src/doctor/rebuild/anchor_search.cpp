#include "doctor/rebuild/anchor_search.h"

#include <algorithm>
#include <cmath>

#include "nn/anchors.h"

namespace tv2onnx::doctor {
namespace {

struct Interval {
  double low = 0;
  double high = 0;
};

Interval common(Interval a, Interval b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high)};
}

Sides sides_of(double size, double ratio) {
  const Tensor anchor = cell_anchors({size}, {ratio});
  return {anchor.as<float>()[2], anchor.as<float>()[3]};
}

/// Sizes whose square fits the sides, which are rounded.
Interval size_interval(const Sides& sides) {
  const auto root = [&](double shift) {
    return std::sqrt(std::max(0.0, 2 * sides[0] + shift) * std::max(0.0, 2 * sides[1] + shift));
  };
  return {root(-1), root(1)};
}

Interval ratio_interval(const Sides& sides) {
  return {std::max(0.0, 2.0 * sides[1] - 1) / (2.0 * sides[0] + 1),
          (2.0 * sides[1] + 1) / std::max(0.1, 2.0 * sides[0] - 1)};
}

/// Numbers of the interval, those with few digits first.
std::vector<double> candidates(Interval interval) {
  constexpr std::size_t kEnough = 200;
  std::vector<double> numbers;
  for (const double unit : {1.0, 10.0, 100.0, 1000.0}) {
    const double first = std::ceil(interval.low * unit);
    for (int k = 0; first + k <= interval.high * unit; ++k) {
      if (numbers.size() >= kEnough) return numbers;
      const double number = (first + k) / unit;
      if (number > 0 && std::ranges::find(numbers, number) == numbers.end()) {
        numbers.push_back(number);
      }
    }
  }
  return numbers;
}

/// Finds `ratios` and `sizes` such that anchor [i * sizes + j] has ratio i and size j.
class AnchorSearch {
 public:
  AnchorSearch(const Cell& cell, std::size_t ratios)
      : cell_(cell), ratios_(ratios), sizes_(cell.size() / ratios) {
    for (std::size_t j = 0; j < sizes_; ++j) {
      Interval interval{0, 1e9};
      for (std::size_t i = 0; i < ratios_; ++i)
        interval = common(interval, size_interval(at(i, j)));
      size_candidates_.push_back(candidates(interval));
    }
  }

  std::optional<AnchorNumbers> run() {
    if (!choose_ratios(0)) return std::nullopt;
    return solution_;
  }

 private:
  const Sides& at(std::size_t ratio, std::size_t size) const {
    return cell_[ratio * sizes_ + size];
  }

  bool choose_ratios(std::size_t i) {
    if (i == ratios_) return true;
    if (tries_ >= kMostTries) return false;
    Interval interval{0, 1e9};
    for (std::size_t j = 0; j < sizes_; ++j) interval = common(interval, ratio_interval(at(i, j)));
    return std::ranges::any_of(candidates(interval), [&](double ratio) {
      solution_.ratios.push_back(ratio);
      if (choose_sizes() && choose_ratios(i + 1)) return true;
      solution_.ratios.pop_back();
      return false;
    });
  }

  /// Sizes that fit all ratios chosen so far.
  bool choose_sizes() {
    solution_.sizes.clear();
    for (std::size_t j = 0; j < sizes_; ++j) {
      const auto fits = [&](double size) {
        for (std::size_t i = 0; i < solution_.ratios.size(); ++i) {
          ++tries_;
          if (sides_of(size, solution_.ratios[i]) != at(i, j)) return false;
        }
        return true;
      };
      const auto size = std::ranges::find_if(size_candidates_[j], fits);
      if (size == size_candidates_[j].end()) return false;
      solution_.sizes.push_back(*size);
    }
    return true;
  }

  // Corners of an exporter are solved by some thousand; others could take for ever.
  static constexpr std::size_t kMostTries = 100'000;

  const Cell& cell_;
  std::size_t tries_ = 0;
  std::size_t ratios_;
  std::size_t sizes_;
  std::vector<std::vector<double>> size_candidates_;
  AnchorNumbers solution_;
};

}  // namespace

std::optional<AnchorNumbers> solve(const Cell& cell) {
  for (std::size_t ratios = 1; ratios <= cell.size(); ++ratios) {
    if (cell.size() % ratios != 0) continue;
    if (auto solution = AnchorSearch(cell, ratios).run()) return solution;
  }
  return std::nullopt;
}

}  // namespace tv2onnx::doctor
