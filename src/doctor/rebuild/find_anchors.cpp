// AnchorGenerator (torchvision/models/detection/anchor_utils.py) adds the anchors of one cell to
// the positions of the cells: Add(positions, constant [1, anchors, 4]) for each feature map. From
// the corners, which are rounded to whole pixels, sizes and aspect ratios are found again that give
// the same corners.

#include <algorithm>
#include <functional>

#include "base/stable_sort.h"
#include "doctor/rebuild/anchor_search.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"
#include "nn/anchors.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {
namespace {

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
  sort_stably(levels, std::less(), [&](const Level& level) {
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
    const std::optional<AnchorNumbers> solution = solve(cell);
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
