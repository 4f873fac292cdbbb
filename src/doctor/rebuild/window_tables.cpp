#include "doctor/rebuild/window_tables.h"

#include <algorithm>
#include <cmath>

#include "nn/relative_position.h"

namespace tv2onnx::doctor {
namespace {

using WindowSides = std::vector<std::int64_t>;

/// The windows of which torchvision's networks have so many relative positions: squares, and those
/// of clips. Empty: none.
WindowSides window_sides_of(std::int64_t positions) {
  constexpr std::int64_t kOfClips = 15 * 13 * 13;
  if (positions == kOfClips) return {8, 7, 7};
  const std::int64_t span = std::llround(std::sqrt(static_cast<double>(positions)));
  if (span * span != positions || span % 2 == 0) return {};
  return {(span + 1) / 2, (span + 1) / 2};
}

/// table [positions, heads] of bias [heads, tokens, tokens]; nullopt if pairs of the same position
/// have different numbers.
std::optional<Tensor> table_of(const Tensor& bias, const Shape& shape) {
  const WindowSides sides = window_sides_of(shape[0]);
  if (sides.empty()) return std::nullopt;
  const std::vector<std::size_t> positions = relative_positions(sides);
  const auto heads = static_cast<std::size_t>(shape[1]);
  if (positions.size() * heads != static_cast<std::size_t>(bias.size())) return std::nullopt;
  const std::vector<float> values = to_float(bias);
  std::vector<float> table(static_cast<std::size_t>(element_count(shape)));
  std::vector<bool> known(table.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t at = positions[k % positions.size()] * heads + k / positions.size();
    if (known[at] && table[at] != values[k]) return std::nullopt;
    table[at] = values[k];
    known[at] = true;
  }
  return make_tensor(shape, std::move(table));
}

/// The buffer, which is the same for all windows of that size.
std::optional<Tensor> index_of(const Shape& shape) {
  const auto root = [](std::int64_t x) {
    return static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(x))));
  };
  const std::int64_t places = root(element_count(shape));
  const std::int64_t side = root(places);
  const WindowSides sides = side * side == places ? WindowSides{side, side} : WindowSides{8, 7, 7};
  if (places_in(sides) != places || places * places != element_count(shape)) return std::nullopt;
  const std::vector<std::size_t> positions = relative_positions(sides);
  return make_tensor(shape, std::vector<std::int64_t>(positions.begin(), positions.end()));
}

}  // namespace

std::optional<Tensor> window_table(const AskedWeight& weight, std::vector<LooseConstant>& loose) {
  const std::string_view leaf = weight.leaf;
  if (std::ranges::find(weight.shape, kAny) != weight.shape.end()) return std::nullopt;
  if (leaf == "relative_position_index") return index_of(weight.shape);
  if (leaf != "relative_position_bias_table" || weight.shape.size() != 2) return std::nullopt;
  for (auto one = loose.begin(); one != loose.end(); ++one) {
    if (one->op != "Add") continue;
    std::optional<Tensor> table = table_of(one->tensor, weight.shape);
    if (!table) continue;
    loose.erase(one);
    return table;
  }
  return std::nullopt;
}

}  // namespace tv2onnx::doctor
