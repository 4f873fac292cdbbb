// AnchorGenerator (torchvision/models/detection/anchor_utils.py) adds the anchors of one cell to
// the positions of the cells: Add(positions, constant [1, anchors, 4]) for each feature map. From
// the corners, which are rounded to whole pixels, sizes and aspect ratios are found again that give
// the same corners.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"
#include "nn/anchors.h"
#include "tv2onnx/zoo.h"

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
  constexpr std::int64_t kMost = 64;
  if (tensor.shape[1] > kMost) return std::nullopt;
  const std::vector<float> corners = to_float(tensor);
  Cell cell;
  for (std::size_t k = 0; k < corners.size(); k += 4) {
    if (corners[k] != -corners[k + 2] || corners[k + 1] != -corners[k + 3]) return std::nullopt;
    cell.push_back({corners[k + 2], corners[k + 3]});
  }
  return cell.empty() ? std::nullopt : std::optional(cell);
}

struct Level {
  Cell cell;
  const OnnxNode* shift = nullptr;  ///< makes the anchors of all cells
};

/// By feature map, in the order in which their anchors are joined.
std::vector<Level> levels_of(const View& view) {
  constexpr std::size_t kMostLevels = 64;  // feature maps times images; more are of no detector
  std::vector<Level> levels;
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "Add") continue;
    for (const std::string& input : node->inputs) {
      const std::optional<Tensor> tensor = view.constant(input);
      if (!tensor || !is_floating(tensor->dtype)) continue;
      if (levels.size() == kMostLevels) return {};
      if (auto cell = cell_of(*tensor)) levels.push_back({*std::move(cell), node});
    }
  }
  // Simplifiers change the order of nodes.
  std::ranges::stable_sort(levels, std::less(), [&](const Level& level) {
    return place_in_concat(view, level.shift->output(0), levels.size()).value_or(0);
  });
  return levels;
}

Setting list_setting(const std::vector<double>& numbers) {
  SettingList list;
  for (const double number : numbers) list.push_back({number});
  return {std::move(list)};
}

/// The default of an option that whole modules have at `attribute`.
const Setting* standard_of(const Model& model, const std::string& attribute) {
  const auto option = std::ranges::find(model.options, attribute, &Option::attribute);
  return option != model.options.end() ? &option->standard : nullptr;
}

std::vector<double> numbers_of(const Setting& list) {
  std::vector<double> numbers;
  for (const Setting& part : *list.list()) part.number(numbers.emplace_back());
  return numbers;
}

bool makes(const Setting& sizes, const Setting& ratios, const std::vector<Cell>& cells) {
  if (sizes.list()->size() != cells.size() || ratios.list()->size() != cells.size()) return false;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const Tensor made =
        cell_anchors(numbers_of((*sizes.list())[k]), numbers_of((*ratios.list())[k]));
    Cell cell;
    for (std::size_t at = 0; at < static_cast<std::size_t>(made.size()); at += 4) {
      cell.push_back({made.as<float>()[at + 2], made.as<float>()[at + 3]});
    }
    if (cell != cells[k]) return false;
  }
  return true;
}

/// Sizes and ratios of a builder, if those are what made the cells.
std::optional<std::pair<Setting, Setting>> standard_for(const std::vector<Cell>& cells,
                                                        const std::string& module) {
  for (const Model& model : models()) {
    const Setting* sizes = standard_of(model, module + ".sizes");
    const Setting* ratios = standard_of(model, module + ".aspect_ratios");
    if (sizes != nullptr && ratios != nullptr && makes(*sizes, *ratios, cells)) {
      return std::pair{*sizes, *ratios};
    }
  }
  return std::nullopt;
}

std::optional<std::pair<Setting, Setting>> solution_for(const std::vector<Cell>& cells) {
  SettingList sizes;
  SettingList ratios;
  for (const Cell& cell : cells) {
    const std::optional<Solution> solution = solve(cell);
    if (!solution) return std::nullopt;
    sizes.push_back(list_setting(solution->sizes));
    ratios.push_back(list_setting(solution->ratios));
  }
  return std::pair{Setting{std::move(sizes)}, Setting{std::move(ratios)}};
}

}  // namespace

void find_anchors(const View& view, const std::string& module, FoundSettings& found) {
  std::vector<Level> levels = levels_of(view);
  if (levels.empty()) return;
  std::vector<Cell> cells;
  for (Level& level : levels) cells.push_back(std::move(level.cell));
  // Several numbers make the same corners; those of a builder are the likely ones.
  auto anchors = standard_for(cells, module);
  if (!anchors) anchors = solution_for(cells);
  if (!anchors) return;
  const OnnxNode* node = levels[0].shift;
  found.push_back({module + ".sizes", std::move(anchors->first), node});
  found.push_back({module + ".aspect_ratios", std::move(anchors->second), node});
}

}  // namespace tv2onnx::doctor
