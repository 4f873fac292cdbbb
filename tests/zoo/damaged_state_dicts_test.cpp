// State dicts of which parts are missing or have other shapes: recognising one tries to build what
// its keys allow, and whatever it holds, that ends with an answer or an Error.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using testing::TensorList;

/// The tensors from `begin` to `end`, in hundredths of all.
TensorList part(const TensorList& all, std::size_t begin, std::size_t end) {
  const auto at = [&](std::size_t percent) {
    return all.begin() + static_cast<std::ptrdiff_t>(all.size() * percent / 100);
  };
  return {at(begin), at(end)};
}

TensorList thinned(const TensorList& all, std::mt19937& random, unsigned one_in) {
  TensorList kept;
  for (const auto& tensor : all) {
    if (random() % one_in != 0) kept.push_back(tensor);
  }
  return kept;
}

TensorList reshaped(TensorList all, const std::function<void(Shape&)>& change) {
  for (auto& [name, shape] : all) change(shape);
  return all;
}

std::map<std::string, TensorList> damaged(const TensorList& all, std::mt19937& random) {
  std::map<std::string, TensorList> lists{
      {"without axes", reshaped(all, [](Shape& shape) { shape.clear(); })},
      {"of one element", reshaped(all, [](Shape& shape) { shape = {1}; })},
      {"empty", reshaped(all,
                         [](Shape& shape) {
                           shape = {0, 0, 0, 0};
                         })},
      {"of one axis less",
       reshaped(all,
                [](Shape& shape) { shape.resize(std::max<std::size_t>(shape.size(), 1) - 1); })},
      {"a little off", reshaped(all, [&](Shape& shape) {
         for (std::int64_t& side : shape) side += random() % 4 == 0 ? 1 : 0;
       })}};
  for (const std::size_t percent : {2U, 10U, 30U, 60U, 90U}) {
    lists["up to " + std::to_string(percent)] = part(all, 0, percent);
    lists["from " + std::to_string(percent)] = part(all, percent, 100);
  }
  for (const unsigned one_in : {2U, 5U, 30U}) {
    lists["without 1 in " + std::to_string(one_in)] = thinned(all, random, one_in);
  }
  return lists;
}

/// Of every `step`-th builder: those of a family are built by the same code.
void expect_answers(const std::map<std::string, TensorList>& builders, std::size_t step) {
  std::mt19937 random(1);
  std::size_t count = 0;
  for (const auto& [name, tensors] : builders) {
    if (count++ % step != 0) continue;
    for (const auto& [how, list] : damaged(tensors, random)) {
      SCOPED_TRACE(name + ", " + how);
      const Checkpoint checkpoint = testing::without_values(list);
      EXPECT_NE(testing::code_of([&] { recognise(checkpoint); }), "X001");
    }
  }
}

TEST(DamagedStateDicts, OfClassifiersHaveAnAnswer) {
  expect_answers(testing::builder_tensors(), 6);
}

TEST(DamagedStateDicts, OfOtherTasksHaveAnAnswer) {
  expect_answers(testing::task_tensors(), 1);
}

}  // namespace
}  // namespace tv2onnx
