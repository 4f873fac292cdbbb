// AnchorGenerator (torchvision/models/detection/anchor_utils.py) adds the anchors of one cell to
// the positions of the cells: Add(positions, constant [1, anchors, 4]) for each feature map. From
// the corners, which are rounded to whole pixels, sizes and aspect ratios are found again that give
// the same corners.

#include <algorithm>
#include <array>
#include <cmath>

#include "doctor/rebuild/constants.h"
#include "doctor/rebuild/settings.h"
#include "nn/anchors.h"

namespace tv2onnx::doctor {
namespace {

using Sides = std::array<float, 2>;  ///< half the width, half the height
using Cell = std::vector<Sides>;

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
    for (double k = std::ceil(interval.low * unit); k <= interval.high * unit; ++k) {
      if (numbers.size() >= kEnough) return numbers;
      const double number = k / unit;
      if (number > 0 && std::ranges::find(numbers, number) == numbers.end()) {
        numbers.push_back(number);
      }
    }
  }
  return numbers;
}

struct Solution {
  std::vector<double> sizes;
  std::vector<double> ratios;
};

/// Finds `ratios` and `sizes` such that anchor [i * sizes + j] has ratio i and size j.
class Search {
 public:
  Search(const Cell& cell, std::size_t ratios)
      : cell_(cell), ratios_(ratios), sizes_(cell.size() / ratios) {
    for (std::size_t j = 0; j < sizes_; ++j) {
      Interval interval{0, 1e9};
      for (std::size_t i = 0; i < ratios_; ++i)
        interval = common(interval, size_interval(at(i, j)));
      size_candidates_.push_back(candidates(interval));
    }
  }

  std::optional<Solution> run() {
    if (!choose_ratios(0)) return std::nullopt;
    return solution_;
  }

 private:
  const Sides& at(std::size_t ratio, std::size_t size) const {
    return cell_[ratio * sizes_ + size];
  }

  bool choose_ratios(std::size_t i) {
    if (i == ratios_) return true;
    Interval interval{0, 1e9};
    for (std::size_t j = 0; j < sizes_; ++j) interval = common(interval, ratio_interval(at(i, j)));
    for (const double ratio : candidates(interval)) {
      solution_.ratios.push_back(ratio);
      if (choose_sizes() && choose_ratios(i + 1)) return true;
      solution_.ratios.pop_back();
    }
    return false;
  }

  /// Sizes that fit all ratios chosen so far.
  bool choose_sizes() {
    solution_.sizes.clear();
    for (std::size_t j = 0; j < sizes_; ++j) {
      const auto fits = [&](double size) {
        for (std::size_t i = 0; i < solution_.ratios.size(); ++i) {
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

  const Cell& cell_;
  std::size_t ratios_;
  std::size_t sizes_;
  std::vector<std::vector<double>> size_candidates_;
  Solution solution_;
};

std::optional<Solution> solve(const Cell& cell) {
  for (std::size_t ratios = 1; ratios <= cell.size(); ++ratios) {
    if (cell.size() % ratios != 0) continue;
    if (auto solution = Search(cell, ratios).run()) return solution;
  }
  return std::nullopt;
}

/// The anchors of a cell, if the tensor is such: [1, n, 4] with corners around 0.
std::optional<Cell> cell_of(const Tensor& tensor) {
  if (tensor.shape.size() != 3 || tensor.shape[0] != 1 || tensor.shape[2] != 4) return std::nullopt;
  const std::vector<float> corners = to_float(tensor);
  Cell cell;
  for (std::size_t k = 0; k < corners.size(); k += 4) {
    if (corners[k] != -corners[k + 2] || corners[k + 1] != -corners[k + 3]) return std::nullopt;
    cell.push_back({corners[k + 2], corners[k + 3]});
  }
  return cell.empty() ? std::nullopt : std::optional(cell);
}

std::vector<Cell> cells_of(const View& view) {
  std::vector<Cell> cells;
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "Add") continue;
    for (const std::string& input : node->inputs) {
      const std::optional<Tensor> tensor = view.constant(input);
      if (!tensor || !is_floating(tensor->dtype)) continue;
      if (auto cell = cell_of(*tensor)) cells.push_back(*std::move(cell));
    }
  }
  return cells;
}

Setting list_setting(const std::vector<double>& numbers) {
  SettingList list;
  for (const double number : numbers) list.push_back({number});
  return {std::move(list)};
}

}  // namespace

void find_anchors(const View& view, std::string_view module, FoundSettings& found) {
  SettingList sizes;
  SettingList ratios;
  for (const Cell& cell : cells_of(view)) {
    const std::optional<Solution> solution = solve(cell);
    if (!solution) return;
    sizes.push_back(list_setting(solution->sizes));
    ratios.push_back(list_setting(solution->ratios));
  }
  if (sizes.empty()) return;
  found.push_back({std::string(module) + ".sizes", {std::move(sizes)}});
  found.push_back({std::string(module) + ".aspect_ratios", {std::move(ratios)}});
}

}  // namespace tv2onnx::doctor
