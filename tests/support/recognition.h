#pragma once
// What recognise() makes of a builder's keys and shapes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/designed_weights.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::testing {

/// The names of all candidates.
inline std::vector<std::string> names(const Recognition& found) {
  std::vector<std::string> all;
  for (const Model* model : found.candidates) all.push_back(model->name);
  return all;
}

/// With a tensor more it is the builder still, and not complete.
inline void expect_incomplete_with_more(const std::string& builder, TensorList tensors) {
  tensors.emplace_back("own.weight", Shape{3});
  const Recognition found = recognise(without_values(tensors));
  EXPECT_FALSE(found.complete) << builder;
  EXPECT_THAT(names(found), ::testing::Contains(builder));
  EXPECT_EQ(found.name, builder);
}

}  // namespace tv2onnx::testing
