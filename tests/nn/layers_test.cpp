#include "nn/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/fpn.h"
#include "support/errors.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::expect_near;
using testing::Golden;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kOpsets;
using testing::message_of;
using testing::run_graph;

/// Runs a layer built from the golden's own weights on its input, at every opset.
template <typename Build>
void expect_layer(const std::string& name, Build build, const char* file = "layers") {
  const Golden golden(file);
  for (const int opset : kOpsets) {
    SCOPED_TRACE(name + ", opset " + std::to_string(opset));
    const WeightSource source = golden.weights(name + ".");
    LoadReport report;
    Graph graph(opset);
    const Tensor& input = golden[name + ".input"];
    Dims dims(input.shape.begin(), input.shape.end());
    dims[0] = "batch";
    const Value x = graph.add_input("x", DType::kFloat32, dims);
    graph.add_output(build(Scope(graph, source, report), x), "y", Dims(input.shape.size()));
    EXPECT_THAT(report.problems, IsEmpty());
    expect_near(run_graph(graph, {input})[0], golden[name + ".expected"], 2e-6F);
  }
}

TEST(Layers, Convolution) {
  expect_layer("conv", [](const Scope& s, Value x) {
    return conv2d(s, x, {.out = 6, .kernel = 3, .stride = 2, .padding = 1, .groups = 2});
  });
}

TEST(Layers, DilatedConvolutionIsPaddedByItsReach) {
  expect_layer("dilated", [](const Scope& s, Value x) {
    return conv2d(s, x, {.kernel = 5, .dilation = 2, .bias = false});
  });
}

TEST(Layers, BatchNorm) {
  expect_layer("norm", [](const Scope& s, Value x) { return batch_norm(s, x, 1e-3); });
}

TEST(Layers, GroupNorm) {
  expect_layer(
      "group", [](const Scope& s, Value x) { return group_norm(s, x, 4); }, "dense_parts");
}

// What a whole module says of its groups and eps is taken over: 4 and 1e-5, and not the 32 that
// torchvision has.
TEST(Layers, GroupNormOfAWholeModule) {
  const Golden golden("dense_parts");
  WeightSource source = golden.weights("group.");
  const ModuleInfo module{.path = "",
                          .class_name = "torch.nn.modules.normalization.GroupNorm",
                          .attributes = {{"num_groups", {std::int64_t{4}}}, {"eps", {1e-5}}}};
  ModuleInfo other = module;
  other.attributes = {{"num_groups", {std::int64_t{2}}}};
  const Tensor& input = golden["group.input"];
  const auto result = [&](const ModuleInfo& stated) {
    source.module = [&](std::string_view) { return &stated; };
    LoadReport report;
    Graph graph(17);
    const Value x =
        graph.add_input("x", DType::kFloat32, Dims(input.shape.begin(), input.shape.end()));
    graph.add_output(group_norm(Scope(graph, source, report), x, 32), "y",
                     Dims(input.shape.size()));
    return run_graph(graph, {input})[0];
  };
  expect_near(result(module), golden["group.expected"], 2e-6F);
  EXPECT_NE(to_float(result(other)), to_float(result(module)));
}

TEST(Layers, ChannelsThatCannotBeGroupedAreRefused) {
  const Golden golden("dense_parts");
  const WeightSource source = golden.weights("group.");
  LoadReport report;
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 12, "h", "w"});
  EXPECT_THAT(message_of([&] { group_norm(Scope(graph, source, report), x, 32); }),
              HasSubstr("12 channels for 32 groups"));
}

TEST(Layers, Linear) {
  expect_layer("linear", [](const Scope& s, Value x) { return linear(s, x, kAny); });
}

TEST(Layers, SqueezeExcitation) {
  expect_layer("squeeze", [](const Scope& s, Value x) { return squeeze_excitation(s, x); });
}

/// The epsilon of a BatchNormalization for a module of this class and these attributes.
float epsilon_of(const ModuleInfo& module) {
  const Tensor ones = make_tensor({2}, std::vector<float>{1, 1});
  const WeightSource source{.find = [&](std::string_view) { return &ones; },
                            .module = [&](std::string_view) { return &module; },
                            .children = {},
                            .keys = {}};
  LoadReport report;
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1, 2, "h", "w"});
  batch_norm(Scope(graph, source, report) / "bn", x, 1e-5);
  return std::get<float>(graph.nodes().back().find("epsilon")->value);
}

TEST(Layers, EpsIsWhatTheModuleHas) {
  const std::string frozen = "torchvision.ops.misc.FrozenBatchNorm2d";
  EXPECT_EQ(epsilon_of({.path = "bn", .class_name = frozen, .attributes = {{"eps", {0.5}}}}), 0.5F);
  EXPECT_EQ(epsilon_of({.path = "bn", .class_name = frozen, .attributes = {}}), 0)
      << "torchvision up to 0.6 has no eps there, and adds none";
  EXPECT_EQ(
      epsilon_of(
          {.path = "bn", .class_name = "torch.nn.modules.batchnorm.BatchNorm2d", .attributes = {}}),
      1e-5F);
}

TEST(Layers, WrappedConvolutionsAreFoundInOldAndNewFiles) {
  const Tensor weight = testing::random_tensor({1, 1, 1, 1}, 0, 1, 1);
  WeightSource source;
  source.find = [&](std::string_view key) {
    return key == "old.weight" || key == "new.0.0.weight" ? &weight : nullptr;
  };
  LoadReport report;
  Graph graph(17);
  const Scope root(graph, source, report);
  EXPECT_EQ(wrapped_conv(root / "old", 2).prefix(), "old");
  EXPECT_EQ(wrapped_conv(root / "new", 2).prefix(), "new.0.0");
}

TEST(Layers, FeaturePyramid) {
  const Golden golden("layers");
  for (const int opset : kOpsets) {
    const WeightSource source = golden.weights("pyramid.");
    LoadReport report;
    Graph graph(opset);
    std::vector<FeatureMap> maps;
    for (const std::int64_t channels : {3, 5, 4}) {
      const std::string name = "map" + std::to_string(maps.size());
      // The last two have one size, as in MobileNetV3.
      maps.push_back({graph.add_input(name, DType::kFloat32, {"batch", channels, Dim(), Dim()}),
                      maps.empty() ? 16 : 32});
    }
    const std::vector<FeatureMap> levels =
        feature_pyramid(Scope(graph, source, report), maps, 1e-5, true);
    ASSERT_EQ(levels.size(), 4U);
    EXPECT_EQ(levels.back().stride, 64);
    for (const FeatureMap& level : levels) {
      graph.add_output(level.x, "level" + std::to_string(graph.outputs().size()), Dims(4));
    }
    EXPECT_THAT(report.problems, IsEmpty());
    const auto found = run_graph(
        graph, {golden["pyramid.map.0"], golden["pyramid.map.1"], golden["pyramid.map.2"]});
    for (std::size_t k = 0; k < found.size(); ++k) {
      expect_near(found[k], golden["pyramid.expected." + std::to_string(k)], 5e-6F);
    }
  }
}

}  // namespace
}  // namespace tv2onnx
