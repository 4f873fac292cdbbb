#include "doctor/input_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rewrite/edit.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/foreign_model.h"
#include "support/sketch.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAreArray;
using testing::ForeignModel;

using Dims = std::vector<OnnxValueInfo::Dim>;

/// (x - mean) / std, as the beginning of torchvision's detectors.
OnnxModel normalising(std::int64_t opset, const Dims& dims) {
  ForeignModel m;
  m.model.ir_version = 7;
  m.model.opsets[""] = opset;
  const auto mean = m.weight("mean", {3, 1, 1}, {0.485F, 0.456F, 0.406F});
  const auto deviation = m.weight("std", {3, 1, 1}, {0.229F, 0.224F, 0.225F});
  m.node("Div", {m.node("Sub", {"image", mean}, "centred"), deviation}, "normal");
  m.model.graph.name = "test";
  m.model.graph.inputs.push_back({"image", schema::data_type(DType::kFloat32), dims, {}});
  m.model.graph.outputs.push_back({"normal", schema::data_type(DType::kFloat32), dims, {}});
  return std::move(m.model);
}

Dims batch_dims() {
  return {{-1, "batch"}, {3, ""}, {-1, "height"}, {-1, "width"}};
}

class RunInputGuard : public ::testing::Test {
 protected:
  std::vector<float> run(const OnnxModel& model, const Tensor& input) {
    testing::save(model, folder_ / "model.onnx");
    return to_float(Session(folder_ / "model.onnx", {}).run({input})[0]);
  }
  testing::TemporaryFolder folder_;
};

class InputGuard : public RunInputGuard, public ::testing::WithParamInterface<std::int64_t> {};

// Two images, one row of two pixels each.
const std::vector<std::uint8_t> kPixels{0, 100, 200, 10, 110, 210, 20, 120, 220, 255, 1, 3};
// The same as planes.
const std::vector<float> kPlanes{0, 10, 100, 110, 200, 210, 20, 255, 120, 1, 220, 3};

std::vector<float> as_unit() {
  std::vector<float> values = kPlanes;
  for (float& value : values) value /= 255;
  return values;
}

TEST_P(InputGuard, TakesBytes) {
  OnnxModel model = normalising(GetParam(), batch_dims());
  const std::vector<float> expected = run(model, make_tensor({2, 3, 1, 2}, as_unit()));
  add_input_guard(model, InputMode::kUint8);
  const Dims& dims = *model.graph.inputs[0].dims;
  EXPECT_EQ(dims[1].symbol, "height");
  EXPECT_EQ(dims[3].value, 3);
  EXPECT_THAT(run(model, make_tensor({2, 1, 2, 3}, kPixels)), ElementsAreArray(expected));
}

TEST_P(InputGuard, TakesEitherRange) {
  OnnxModel model = normalising(GetParam(), batch_dims());
  const std::vector<float> expected = run(model, make_tensor({2, 3, 1, 2}, as_unit()));
  add_input_guard(model, InputMode::kAuto);
  EXPECT_THAT(run(model, make_tensor({2, 3, 1, 2}, as_unit())), ElementsAreArray(expected));
  EXPECT_THAT(run(model, make_tensor({2, 3, 1, 2}, kPlanes)), ElementsAreArray(expected));
  // Decided for each image.
  std::vector<float> mixed = as_unit();
  std::copy_n(kPlanes.begin(), 6, mixed.begin());
  EXPECT_THAT(run(model, make_tensor({2, 3, 1, 2}, mixed)), ElementsAreArray(expected));
}

INSTANTIATE_TEST_SUITE_P(Opsets, InputGuard, ::testing::Values(11, 13, 17, 18));

TEST_F(RunInputGuard, TakesASingleImage) {
  OnnxModel model = normalising(11, {{3, ""}, {-1, "height"}, {-1, "width"}});
  const std::vector<float> unit = as_unit();
  const std::vector<float> first(unit.begin(), unit.begin() + 6);
  const std::vector<float> expected = run(model, make_tensor({3, 1, 2}, first));
  add_input_guard(model, InputMode::kUint8);
  const std::vector<std::uint8_t> pixels(kPixels.begin(), kPixels.begin() + 6);
  EXPECT_THAT(run(model, make_tensor({1, 2, 3}, pixels)), ElementsAreArray(expected));
}

TEST_F(RunInputGuard, RefusesWhatTakesSomethingElse) {
  OnnxModel twice = normalising(11, batch_dims());
  add_input_guard(twice, InputMode::kUint8);
  EXPECT_EQ(testing::code_of([&] { add_input_guard(twice, InputMode::kUint8); }), "D113");

  ForeignModel bare;
  bare.node("Relu", {"image"}, "y");
  bare.model.graph.inputs.push_back(
      {"image", schema::data_type(DType::kFloat32), batch_dims(), {}});
  EXPECT_EQ(testing::code_of([&] { add_input_guard(bare.model, InputMode::kAuto); }), "D113");
  EXPECT_NO_THROW(add_input_guard(bare.model, InputMode::kFloat));
}

}  // namespace
}  // namespace tv2onnx::doctor
