#include "nn/resized_size.h"

#include <gtest/gtest.h>

#include <vector>

#include "tv2onnx/contract.h"

namespace tv2onnx {
namespace {

struct Row {
  ImageSize size;
  ImageSize single;  ///< image_sizes of torchvision 0.14's GeneralizedRCNNTransform(320, 640)
  ImageSize exact;   ///< floor(side * min(320 / shorter, 640 / longer)) in Python's float
};

TEST(ResizedSize, IsTorchvisions) {
  const std::vector<Row> rows{
      {{100, 100}, {319, 319}, {320, 320}}, {{375, 500}, {320, 426}, {320, 426}},
      {{427, 640}, {319, 479}, {320, 479}}, {{333, 999}, {213, 639}, {213, 640}},
      {{480, 640}, {320, 426}, {320, 426}}, {{375, 1242}, {193, 639}, {193, 640}},
      {{261, 387}, {319, 474}, {320, 474}}, {{500, 375}, {426, 320}, {426, 320}},
  };
  TransformSpec spec;
  spec.min_size = 320;
  spec.max_size = 640;
  for (const Row& row : rows) {
    spec.rule = ResizeRule::kFloat32;
    EXPECT_EQ(resized_size(row.size, spec), row.single) << row.size[0] << "x" << row.size[1];
    spec.rule = ResizeRule::kDouble;
    EXPECT_EQ(resized_size(row.size, spec), row.exact) << row.size[0] << "x" << row.size[1];
  }
}

TEST(ResizedSize, FixedSizeIsWidthAndHeight) {
  TransformSpec spec;
  spec.fixed_size = {300, 200};
  EXPECT_EQ(resized_size({1000, 50}, spec), (ImageSize{200, 300}));
}

}  // namespace
}  // namespace tv2onnx
