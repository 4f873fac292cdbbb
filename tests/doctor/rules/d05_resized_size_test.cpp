// The repair of a size that is computed in float32, in a graph as torch traces it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "doctor/rules/rules.h"
#include "graph/ops.h"
#include "nn/resized_size.h"
#include "onnx/lower.h"
#include "onnx/schema.h"
#include "onnx/write.h"
#include "support/files.h"
#include "support/run_graph.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx {
namespace {

using testing::kOpsets;

/// An image resized to `wanted` and at most 640 pixels: floor(float32 side * float32 scale).
OnnxModel traced(int opset, double wanted) {
  Graph graph(opset);
  const Value image = graph.add_input("input", DType::kFloat32, {1, 3, "height", "width"});
  const Value shape = shape_of(image);
  const auto side = [&](std::int64_t axis) {
    const Value place = constant(graph, make_tensor({}, std::vector{axis}));
    return cast(gather(shape, place, 0), DType::kFloat32);
  };
  const std::array<Value, 2> sides{side(2), side(3)};
  const Value both = concat({unsqueeze(sides[0], {0}), unsqueeze(sides[1], {0})}, 0);
  const auto ratio = [&](double to, Value length) { return scalar_like(length, to) / length; };
  const Value scale = minimum(ratio(wanted, reduce_min(both, {0}, false)),
                              ratio(640, reduce_max(both, {0}, false)));
  std::vector<Value> sizes{ints(graph, {1, 3})};
  for (const Value& length : sides) {
    sizes.push_back(unsqueeze(cast(floor(length * scale), DType::kInt64), {0}));
  }
  graph.add_output(resize_smooth(image, concat(sizes, 0)), "resized", {1, 3, Dim(), Dim()});
  return lower(graph);
}

/// By the targets that have none.
bool is_refused_for_double(const OnnxModel& model) {
  const testing::TemporaryFolder folder;
  write_onnx(model, folder / "repaired.onnx", {});
  for (const char* target : {"portable", "ort-web-webgpu", "tensorrt"}) {
    for (const Finding& finding : diagnose(folder / "repaired.onnx", {.target = target}).findings) {
      if (finding.what.find("double") != std::string::npos) return true;
    }
  }
  return false;
}

bool has_double(const OnnxModel& model) {
  const auto is_double = [](const OnnxNode& node) {
    return node.op == "Cast" && node.integer("to", 0) == schema::data_type(DType::kFloat64);
  };
  return std::ranges::any_of(model.graph.nodes, is_double) ||
         std::ranges::any_of(model.graph.initializers, [](const OnnxTensor& tensor) {
           return tensor.data_type == schema::data_type(DType::kFloat64);
         });
}

TEST(ResizedSizeInFloat32, IsRepairedInWholeNumbers) {
  for (const int opset : kOpsets) {
    for (const TorchvisionVersion release :
         {TorchvisionVersion{0, 14}, TorchvisionVersion{0, 21}}) {
      OnnxModel model = traced(opset, 320);
      doctor::RuleContext context(model, release);
      const doctor::Rule rule = doctor::resized_size_in_float32();
      const std::vector<Finding> found = rule.examine(context);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_TRUE(found[0].repairable);
      rule.repair(context);
      EXPECT_FALSE(has_double(model));
      EXPECT_FALSE(is_refused_for_double(model));
      EXPECT_TRUE(rule.examine(doctor::RuleContext(model, release)).empty());
      TransformSpec spec;
      spec.min_size = 320;
      spec.max_size = 640;
      spec.rule = release.minor < 16 ? ResizeRule::kFloat32 : ResizeRule::kDouble;
      const Session session = testing::session_of(model);
      for (const auto& [height, width] : std::vector<std::array<std::int64_t, 2>>{
               {427, 640}, {375, 500}, {500, 375}, {333, 999}, {999, 333}, {100, 100}, {7, 640}}) {
        const auto count = static_cast<std::size_t>(3 * height * width);
        const Tensor image = make_tensor({1, 3, height, width}, std::vector<float>(count));
        const auto [rows, columns] = resized_size({height, width}, spec);
        EXPECT_THAT(session.run({image})[0].shape, ::testing::ElementsAre(1, 3, rows, columns))
            << height << "x" << width << ", opset " << opset;
      }
    }
  }
}

TEST(ResizedSizeInFloat32, OfPartsOfAPixelIsNoMatterOfWholeNumbers) {
  OnnxModel model = traced(17, 320.5);
  const std::vector<Finding> found =
      doctor::resized_size_in_float32().examine(doctor::RuleContext(model));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].repairable);
}

}  // namespace
}  // namespace tv2onnx
