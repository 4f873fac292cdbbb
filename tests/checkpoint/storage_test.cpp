#include "checkpoint/storage.h"

#include <gtest/gtest.h>

#include <array>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::array<std::byte, 24> kBytes{};
const Storage kSixFloats{.bytes = kBytes, .offset = 100, .dtype = DType::kFloat32};

Tensor view(TensorLayout layout) {
  return view_of(kSixFloats, DType::kFloat32, std::move(layout));
}

TEST(Storage, ViewsUpToTheLastElement) {
  EXPECT_TRUE(view({0, {2, 3}, {3, 1}}).strides.empty());  // contiguous
  EXPECT_EQ(view({0, {3, 2}, {1, 3}}).strides, (Shape{1, 3}));
  EXPECT_EQ(view({5, {1}, {7}}).data, kBytes.data() + 20);
  EXPECT_EQ(view({6, {0}, {1}}).size(), 0);
  EXPECT_EQ(view({5, {}, {}}).size(), 1);
  EXPECT_EQ(view({2, {4}, {0}}).size(), 4);  // expanded
}

TEST(Storage, RefusesTheElementBehindTheLast) {
  for (const TensorLayout& bad : std::initializer_list<TensorLayout>{
           {1, {2, 3}, {3, 1}},
           {6, {}, {}},
           {7, {0}, {1}},
           {0, {7}, {1}},
           {0, {3, 3}, {2, 1}},
           {0, {2}, {INT64_MAX}},
           {INT64_MAX, {}, {}},
           {0, {INT64_MAX, INT64_MAX}, {0, 0}},
           {-1, {1}, {1}},
           {0, {-1}, {1}},
           {5, {2}, {-1}},
           {0, {1 << 20, 1 << 10}, {0, 0}},
           {0, {2}, {}},
       }) {
    try {
      view(bad);
      ADD_FAILURE() << shape_text(bad.shape);
    } catch (const Error& error) {
      EXPECT_EQ(error.code().name(), "C011");
      EXPECT_EQ(error.parts().where.offset, 100U);
    }
  }
}

}  // namespace
}  // namespace tv2onnx
