#include "nn/relative_distances.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "graph/ops.h"

namespace tv2onnx {
namespace {

struct Table {
  std::int64_t rows;
  std::int64_t channels;
  std::vector<float> values;
};

/// F.interpolate(mode="linear", align_corners=False) along the rows.
Table interpolated(const Table& table, std::int64_t rows) {
  if (table.rows == rows) return table;
  Table result{rows, table.channels, {}};
  const float scale = static_cast<float>(table.rows) / static_cast<float>(rows);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float at = std::max(0.0F, (static_cast<float>(row) + 0.5F) * scale - 0.5F);
    const auto first = static_cast<std::int64_t>(at);
    const std::int64_t second = std::min(first + 1, table.rows - 1);
    const float share = at - static_cast<float>(first);
    for (std::int64_t c = 0; c < table.channels; ++c) {
      const auto value = [&](std::int64_t r) {
        return table.values[static_cast<std::size_t>(r * table.channels + c)];
      };
      result.values.push_back((1 - share) * value(first) + share * value(second));
    }
  }
  return result;
}

/// In float32, and cut off, as torch computes it.
std::int64_t distance(std::int64_t query, std::int64_t key, std::int64_t queries,
                      std::int64_t keys) {
  const auto ratio = [](std::int64_t a, std::int64_t b) {
    return std::max(1.0F, static_cast<float>(a) / static_cast<float>(b));
  };
  return static_cast<std::int64_t>(static_cast<float>(query) * ratio(keys, queries) -
                                   static_cast<float>(key + 1 - keys) * ratio(queries, keys));
}

}  // namespace

Value relative_table(Scope s, const char* leaf, std::int64_t channels, std::int64_t queries,
                     std::int64_t keys) {
  const Tensor stored = s.tensor(leaf, {kAny, channels});
  Table table{stored.shape[0], channels, {}};
  table.values.resize(static_cast<std::size_t>(stored.size()));
  if (stored.data != nullptr) table.values = to_float(stored);
  table = interpolated(table, 2 * std::max(queries, keys) - 1);
  std::vector<float> rows(static_cast<std::size_t>(queries * channels * keys));
  for (std::int64_t q = 0; q < queries; ++q) {
    for (std::int64_t k = 0; k < keys; ++k) {
      const std::int64_t row = distance(q, k, queries, keys);
      for (std::int64_t c = 0; c < channels; ++c) {
        rows[static_cast<std::size_t>((q * channels + c) * keys + k)] =
            table.values[static_cast<std::size_t>(row * channels + c)];
      }
    }
  }
  return s.graph().add_weight(fmt::format("{}.{}", s.prefix(), leaf),
                              make_tensor({queries, channels, keys}, std::move(rows)));
}

}  // namespace tv2onnx
