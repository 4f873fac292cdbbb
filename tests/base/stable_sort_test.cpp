#include "base/stable_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tv2onnx {
namespace {

using Pairs = std::vector<std::pair<int, int>>;

TEST(StableSort, IsThatOfTheStandardLibrary) {
  std::mt19937 random(1);
  for (const std::size_t count : {0, 1, 2, 17, 1000}) {
    Pairs pairs;
    for (std::size_t k = 0; k < count; ++k) {
      pairs.emplace_back(static_cast<int>(random() % 10), static_cast<int>(k));
    }
    Pairs up = pairs;
    Pairs down = pairs;
    sort_stably(up, {}, &Pairs::value_type::first);
    sort_stably(down, std::ranges::greater(), [](const auto& pair) { return pair.first; });
    Pairs expected = pairs;
    std::ranges::stable_sort(expected, {}, &Pairs::value_type::first);
    EXPECT_EQ(up, expected);
    std::ranges::stable_sort(pairs, std::ranges::greater(), &Pairs::value_type::first);
    EXPECT_EQ(down, pairs);
  }
}

TEST(StableSort, MovesItems) {
  std::vector<std::unique_ptr<std::string>> items;
  for (const char* text : {"b", "c", "a"}) items.push_back(std::make_unique<std::string>(text));
  const std::string* a = items[2].get();
  sort_stably(items, {}, [](const auto& item) -> const std::string& { return *item; });
  EXPECT_EQ(items[0].get(), a);
  EXPECT_EQ(*items[1], "b");
  EXPECT_EQ(*items[2], "c");
}

}  // namespace
}  // namespace tv2onnx
