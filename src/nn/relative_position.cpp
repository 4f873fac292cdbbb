#include "nn/relative_position.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "nn/computed_parts.h"
#include "nn/known_values.h"
#include "nn/module_kinds.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kHidden = 512;  // of cpb_mlp
constexpr double kMostBias = 16;
constexpr double kHalfPrecision = 5e-3;  // what storing as bfloat16 rounds

using Sides = std::vector<std::int64_t>;

/// How many entries a table has: along each axis, all distances of two places of a window.
std::int64_t entries_of(const Sides& side) {
  return std::transform_reduce(side.begin(), side.end(), std::int64_t{1}, std::multiplies<>(),
                               [](std::int64_t length) { return 2 * length - 1; });
}

/// A distance of -8..8, on the scale of logarithms.
std::vector<double> coordinates(std::int64_t side) {
  std::vector<double> all;
  for (std::int64_t distance = 1 - side; distance < side; ++distance) {
    const double share = 8.0 * static_cast<double>(distance) / static_cast<double>(side - 1);
    all.push_back(std::copysign(std::log2(std::abs(share) + 1) / 3, share));
  }
  return all;
}

void require(bool holds, Scope s, std::string_view buffer, const Sides& side) {
  if (holds) return;
  throw Error({.code = "W002",
               .found = fmt::format("its numbers are not those of windows of {} tokens",
                                    fmt::join(side, "x")),
               .where = {.item = fmt::format("{}.{}", s.prefix(), buffer)},
               .expected = "what torchvision computes when it makes the model",
               .hint = "averaging or rounding all tensors of a state dict damages this one, which "
                       "is no weight; take it from a new model"});
}

/// Checks the buffer that says which entry each pair of tokens has.
void check_index(Scope s, const Sides& side, const Shape& shape) {
  const Tensor stored = s.tensor("relative_position_index", shape);
  if (stored.data == nullptr) return;
  require(std::ranges::equal(to_float(stored), relative_positions(side), {}, {},
                             [](std::size_t entry) { return static_cast<float>(entry); }),
          s, "relative_position_index", side);
}

/// table [entries, heads] -> [heads, tokens, tokens]
Value bias_of(Scope s, const std::vector<double>& table, const Sides& side, std::int64_t heads) {
  const std::vector<std::size_t> entries = relative_positions(side);
  const auto count = static_cast<std::size_t>(heads);
  std::vector<float> values(entries.size() * count);
  for (std::size_t head = 0; head < count; ++head) {
    for (std::size_t k = 0; k < entries.size(); ++k) {
      values[head * entries.size() + k] = static_cast<float>(table[entries[k] * count + head]);
    }
  }
  const std::int64_t tokens = places_in(side);
  return s.graph().add_weight(s.prefix() + ".relative_position_bias",
                              make_tensor({heads, tokens, tokens}, std::move(values)));
}

std::vector<double> doubles_of(const Tensor& tensor) {
  const std::vector<float> values = known_values(tensor);
  return {values.begin(), values.end()};
}

/// The distances down and right of each entry, as stored.
std::vector<double> stored_coordinates(Scope s, std::int64_t side) {
  const std::int64_t span = 2 * side - 1;
  const Tensor table = s.tensor("relative_coords_table", {1, span, span, 2});
  const std::vector<double> stored = doubles_of(table);
  const std::vector<double> axis = coordinates(side);
  bool same = true;
  for (std::size_t k = 0; table.data != nullptr && k < stored.size(); k += 2) {
    const double down = axis[k / 2 / axis.size()];
    const double right = axis[k / 2 % axis.size()];
    same = same && std::abs(stored[k] - down) <= kHalfPrecision &&
           std::abs(stored[k + 1] - right) <= kHalfPrecision;
  }
  require(same, s, "relative_coords_table", {side, side});
  return stored;
}

/// Sum of products of kHidden numbers: four sums side by side, as each addition waits for the last.
double product(const double* a, const double* b) {
  std::array<double, 4> sums{};
  for (std::int64_t k = 0; k < kHidden; k += 4) {
    for (std::int64_t lane = 0; lane < 4; ++lane) {
      sums[static_cast<std::size_t>(lane)] += a[k + lane] * b[k + lane];
    }
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// cpb_mlp at each pair of `places`, squeezed into 0..16.
std::vector<double> network_output(const std::vector<double>& places,
                                   const std::vector<double>& first,
                                   const std::vector<double>& shift,
                                   const std::vector<double>& second) {
  std::vector<double> output;
  std::vector<double> hidden(kHidden);
  for (std::size_t place = 0; place < places.size(); place += 2) {
    for (std::size_t k = 0; k < hidden.size(); ++k) {
      hidden[k] = std::max(
          0.0, first[2 * k] * places[place] + first[2 * k + 1] * places[place + 1] + shift[k]);
    }
    for (std::size_t row = 0; row < second.size(); row += kHidden) {
      const double sum = product(hidden.data(), &second[row]);
      output.push_back(kMostBias / (1 + std::exp(-sum)));
    }
  }
  return output;
}

}  // namespace

std::int64_t places_in(const Sides& side) {
  return std::reduce(side.begin(), side.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<std::size_t> relative_positions(const Sides& side) {
  const std::int64_t tokens = places_in(side);
  // A distance of two tokens is the difference of their places, so is its entry.
  std::vector<std::int64_t> places(static_cast<std::size_t>(tokens));
  std::int64_t middle = 0;
  std::int64_t step = 1;
  std::int64_t run = 1;  // of tokens with the same place on this axis
  for (auto length = side.rbegin(); length != side.rend(); ++length) {
    for (std::int64_t k = 0; k < tokens; ++k) {
      places[static_cast<std::size_t>(k)] += step * (k / run % *length);
    }
    middle += step * (*length - 1);
    step *= 2 * *length - 1;
    run *= *length;
  }
  std::vector<std::size_t> entries;
  entries.reserve(places.size() * places.size());
  for (const std::int64_t a : places) {
    for (const std::int64_t b : places) entries.push_back(static_cast<std::size_t>(middle + a - b));
  }
  return entries;
}

Value table_bias(Scope s, const Sides& side, std::int64_t heads, const Shape& index) {
  check_index(s, side, index);
  const Tensor table = s.tensor("relative_position_bias_table", {entries_of(side), heads});
  return bias_of(s, doubles_of(table), side, heads);
}

Value continuous_bias(Scope s, const Sides& side, std::int64_t heads) {
  const std::int64_t count = places_in(side);
  check_index(s, side, {count * count});
  const std::vector<double> places = stored_coordinates(s, side.front());
  const Scope layers = s / "cpb_mlp";
  (layers / 0).computes(ModuleKind::kLinear);
  computes_activation(layers / 1, Activation::kRelu);
  (layers / 2).computes(ModuleKind::kLinear);
  const Tensor first = (layers / 0).tensor("weight", {kHidden, 2});
  const Tensor shift = (layers / 0).tensor("bias", {kHidden});
  const Tensor second = (layers / 2).tensor("weight", {heads, kHidden});
  const bool known = first.data != nullptr && shift.data != nullptr && second.data != nullptr;
  std::vector<double> table(places.size() / 2 * static_cast<std::size_t>(heads));
  if (known)
    table = network_output(places, doubles_of(first), doubles_of(shift), doubles_of(second));
  return bias_of(s, table, side, heads);
}

}  // namespace tv2onnx
