#include "export/weight_scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "checkpoint/fingerprint.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kCount = 50'000;  // more than a block

/// A file of `kCount` ones behind four bytes that are no weights.
struct File {
  std::vector<float> numbers = std::vector<float>(kCount + 1, 1);
  Checkpoint checkpoint;

  File() { checkpoint.bytes_ = std::as_bytes(std::span(numbers)); }

  const Tensor& add(std::int64_t begin, Shape shape, DType dtype = DType::kFloat32) {
    const std::byte* data = checkpoint.bytes_.data() + 4 * (1 + begin);
    checkpoint.tensors.push_back({"weight", Tensor{dtype, std::move(shape), {}, data, nullptr}});
    return checkpoint.tensors.back().tensor;
  }
};

TEST(WeightScan, HasTheFingerprintOfTheFile) {
  File file;
  file.add(40'000, {10'000});
  file.add(0, {100, 300});
  file.add(100, {1000});  // a view of the one before
  EXPECT_EQ(scan_weights(file.checkpoint).fingerprint, fingerprint(file.checkpoint));
  file.checkpoint.tensors.clear();
  EXPECT_EQ(scan_weights(file.checkpoint).fingerprint, fingerprint(file.checkpoint));
}

TEST(WeightScan, KnowsWhichNumbersAreSmall) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float number : {-1e18F, 1e-40F, -0.0F}) {
    File file;
    file.numbers[1] = number;
    const Tensor weight = file.add(0, {kCount});
    EXPECT_TRUE(scan_weights(file.checkpoint).knows_small(weight)) << number;
  }
  for (const float number : {WeightScan::kSmall, -1e30F, kInfinity, -kInfinity, -std::nanf("")}) {
    for (const std::size_t place : {1U, 1024U, 16'384U, 16'385U, 49'999U, 50'000U}) {
      File file;
      file.numbers[place] = number;
      const Tensor weight = file.add(0, {kCount});
      EXPECT_FALSE(scan_weights(file.checkpoint).knows_small(weight)) << number << " at " << place;
    }
  }
}

TEST(WeightScan, KnowsNothingOfWhatItDidNotLookAt) {
  File file;
  const Tensor weight = file.add(0, {100});
  const Tensor view = file.add(50, {100});
  const Tensor half = file.add(1000, {100}, DType::kFloat16);
  Tensor transposed = file.add(2000, {10, 10});
  transposed.strides = file.checkpoint.tensors.back().tensor.strides = {1, 10};
  const WeightScan scan = scan_weights(file.checkpoint);
  EXPECT_TRUE(scan.knows_small(weight));
  Tensor part = weight;
  part.shape = {99};
  EXPECT_TRUE(scan.knows_small(part));
  part.shape = {101};
  for (const Tensor& other : {view, half, transposed, part}) EXPECT_FALSE(scan.knows_small(other));
}

TEST(WeightScan, OfNoFileIsTheFingerprintAlone) {
  Checkpoint checkpoint;
  checkpoint.tensors.push_back({"weight", make_tensor({2}, std::vector<float>{1, 2})});
  const WeightScan scan = scan_weights(checkpoint);
  EXPECT_EQ(scan.fingerprint, fingerprint(checkpoint));
  EXPECT_FALSE(scan.knows_small(checkpoint.tensors[0].tensor));
}

}  // namespace
}  // namespace tv2onnx
