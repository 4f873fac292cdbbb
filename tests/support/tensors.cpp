#include "support/tensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace tv2onnx::testing {

Tensor random_tensor(Shape shape, float low, float high, unsigned seed) {
  std::mt19937 random(seed);  // the distributions of the standard library differ, this does not
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (float& value : values) {
    value = low + (high - low) * (static_cast<float>(random() >> 8U) * 0x1p-24F);
  }
  return make_tensor(std::move(shape), std::move(values));
}

void expect_near(const Tensor& found, const Tensor& wanted, float tolerance) {
  ASSERT_EQ(found.shape, wanted.shape);
  const std::vector<float> a = to_float(found);
  const std::vector<float> b = to_float(wanted);
  double worst = 0;
  std::size_t where = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] == b[k]) continue;  // infinities too
    double difference = std::abs(double{a[k]} - b[k]) / std::max(1.0, std::abs(double{b[k]}));
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
    if (difference <= worst) continue;
    worst = difference;
    where = k;
  }
  if (a.empty()) return;
  EXPECT_LE(worst, tolerance) << "element " << where << ": " << a[where] << ", not " << b[where];
}

std::vector<std::string> operators(const OnnxModel& model) {
  std::vector<std::string> names;
  for (const OnnxNode& node : model.graph.nodes) names.push_back(node.op);
  return names;
}

}  // namespace tv2onnx::testing
