// DefaultBoxGenerator (torchvision/models/detection/anchor_utils.py) repeats the sizes of the boxes
// of a cell, as parts of the image, for all cells of a map: Tile(constant [boxes, 2]). The first
// box has the map's scale s, the second sqrt(s * next s), and each aspect ratio r a pair
// (s sqrt(r), s / sqrt(r)) and its inverse, all cut off at 1 if `clip`. Before that,
// cells / (image / step) are the centres, where the generator has steps.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/stable_sort.h"
#include "doctor/rebuild/constants.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"

namespace tv2onnx::doctor {
namespace {

using Sizes = std::vector<std::array<float, 2>>;  ///< width and height

/// Float32 numbers were computed from numbers with few digits.
double rounded(double value) {
  constexpr double kDigits = 1e5;
  return std::round(value * kDigits) / kDigits;
}

struct Map {
  Sizes sizes;
  const OnnxNode* repeat = nullptr;  ///< makes the sizes for all cells
};

/// In the order in which their boxes are joined.
std::vector<Map> maps_of(const View& view) {
  constexpr std::int64_t kMostBoxes = 64;  // of a cell
  constexpr std::size_t kMostMaps = 64;    // times images; more are of no detector
  std::vector<Map> maps;
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "Tile" || node->inputs.empty()) continue;
    const OnnxNode* expand = view.producer(node->input(0), "Expand");
    const auto tensor = float_constant(view, expand != nullptr ? expand->input(0) : node->input(0));
    if (!tensor || tensor->shape.size() != 2 || tensor->shape[1] != 2 || tensor->shape[0] < 2 ||
        tensor->shape[0] > kMostBoxes) {
      continue;
    }
    if (maps.size() == kMostMaps) return {};
    const std::vector<float> values = to_float(*tensor);
    Map& map = maps.emplace_back();
    map.repeat = node;
    for (std::size_t k = 0; k < values.size(); k += 2)
      map.sizes.push_back({values[k], values[k + 1]});
  }
  // Simplifiers change the order of nodes.
  sort_stably(maps, std::less(), [&](const Map& map) {
    return place_in_concat(view, map.repeat->output(0), maps.size()).value_or(0);
  });
  return maps;
}

/// Of a pair (s sqrt(r), s / sqrt(r)); the side that is not cut off tells r.
double ratio_of(const std::array<float, 2>& sides, double scale) {
  const double root = sides[0] > sides[1] ? scale / sides[1] : sides[0] / scale;
  return rounded(root * root);
}

/// The constants that height and width of the image are divided by, for each map. They grow from
/// map to map.
SettingList steps_of(const View& view) {
  std::vector<double> found;
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "Div") continue;
    const auto step = float_number(view, node->input(1));
    const OnnxNode* size = producer_behind(view, node->input(0), kShapeChanges);
    const auto readers = readers_behind(view, node->output(0), kShapeChanges);
    const bool divides = std::ranges::any_of(readers, [&](const OnnxNode* reader) {
      return reader->op == "Div" && view.producer(reader->input(0), "Add") != nullptr;
    });
    if (step && size != nullptr && size->op == "Gather" && divides) found.push_back(*step);
  }
  std::ranges::sort(found);
  SettingList steps;
  for (std::size_t k = 0; k < found.size(); k += 2) steps.push_back({found[k]});
  return steps;
}

Setting rounded_setting(double value) {
  return {rounded(value)};
}

}  // namespace

void find_default_boxes(const View& view, FoundSettings& found) {
  const std::vector<Map> maps = maps_of(view);
  if (maps.empty()) return;
  SettingList scales;
  SettingList ratios;
  bool clip = true;
  for (const auto& [sizes, repeat] : maps) {
    const double scale = sizes[0][0];
    scales.push_back(rounded_setting(scale));
    SettingList own;
    for (std::size_t k = 2; k < sizes.size(); k += 2) own.push_back({ratio_of(sizes[k], scale)});
    ratios.push_back({std::move(own)});
    for (const auto& sides : sizes) clip = clip && std::max(sides[0], sides[1]) <= 1;
  }
  // The last map's second box leads to one scale more.
  const Sizes& last_sizes = maps.back().sizes;
  const double last = last_sizes[1][0];
  scales.push_back(rounded_setting(last * last / last_sizes[0][0]));
  SettingList steps = steps_of(view);
  const bool has_steps = steps.size() == maps.size();
  const OnnxNode* node = maps[0].repeat;
  found.push_back({"anchor_generator.scales", {std::move(scales)}, node});
  found.push_back({"anchor_generator.aspect_ratios", {std::move(ratios)}, node});
  found.push_back(
      {"anchor_generator.steps", has_steps ? Setting{std::move(steps)} : Setting{}, node});
  found.push_back({"anchor_generator.clip", {clip}, node});
}

}  // namespace tv2onnx::doctor
