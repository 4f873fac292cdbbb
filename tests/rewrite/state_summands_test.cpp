#include "rewrite/state_summands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "rewrite/check.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::random_tensor;
using testing::run_graph;

constexpr std::int64_t kChannels = 16;

Value filtered(Value x, const std::string& name, const ConvAttributes& attributes) {
  const std::int64_t kernel = attributes.kernel.front();
  const Value weight = x.graph->add_weight(
      name, random_tensor({kChannels, kChannels, kernel, kernel}, -0.2, 0.2, 3));
  return conv(x, weight, {}, attributes);
}

Value cell(Value x, const std::string& name) {
  return filtered(x, name, {.kernel = {1, 1}, .padding = {0, 0}});
}

/// A block of MobileNetV3 whose first convolution has these attributes.
OnnxModel block(const Dims& input, const ConvAttributes& first) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, input);
  const Value map = relu(filtered(x, "first", first));
  const Value gate = sigmoid(cell(global_average_pool(map), "gate"));
  graph.add_output(relu(map + cell(map * gate, "last")), "y", {"n", kChannels, "rows", "columns"});
  return lower(graph);
}

/// Names and sizes of what is stated.
std::map<std::string, std::vector<std::string>> stated(const OnnxModel& model) {
  std::map<std::string, std::vector<std::string>> all;
  for (const OnnxValueInfo& info : model.graph.value_infos) {
    for (const OnnxValueInfo::Dim& dim : *info.dims) {
      all[info.name].push_back(dim.value >= 0 ? std::to_string(dim.value) : dim.symbol);
    }
  }
  return all;
}

TEST(StateSummands, SizesFollowFromThoseOfTheInput) {
  OnnxModel model =
      block({"n", kChannels, "h", "w"}, {.kernel = {3, 3}, .stride = {2}, .padding = {1, 1}});
  const OnnxModel before = model;
  state_summands(model);
  EXPECT_THAT(check(model), IsEmpty());
  const auto sizes = ElementsAre("n", "16", "ceil(h/2)", "ceil(w/2)");
  EXPECT_THAT(stated(model), ElementsAre(Pair("Conv_2", sizes), Pair("Relu", sizes)));
  for (const Shape& shape : {Shape{2, kChannels, 7, 4}, {1, kChannels, 1, 9}}) {
    const Tensor image = random_tensor(shape, -2, 2, 7);
    testing::expect_near(run_graph(model, {image})[0], run_graph(before, {image})[0], 1e-5F);
  }
}

TEST(StateSummands, NumbersStayNumbers) {
  OnnxModel model =
      block({1, kChannels, 9, 12}, {.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 1}});
  state_summands(model);
  const auto sizes = ElementsAre("1", "16", "4", "6");
  EXPECT_THAT(stated(model), ElementsAre(Pair("Conv_2", sizes), Pair("Relu", sizes)));
}

TEST(StateSummands, OtherSizesAreTheOnesOfTheValueThatBeginsThem) {
  OnnxModel model = block({"n", kChannels, "h", "w"}, {.kernel = {3, 3}, .padding = {0, 0}});
  state_summands(model);
  const auto sizes = ElementsAre("n", "16", "Conv:2", "Conv:3");
  EXPECT_THAT(stated(model), ElementsAre(Pair("Conv_2", sizes), Pair("Relu", sizes)));
}

/// x and a map that is made of it.
OnnxModel sum_with(Value (*other)(Value x)) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n", kChannels, "h", "w"});
  const Value map = cell(x, "map");
  graph.add_output(map + other(map), "y", {"n", kChannels, "rows", "columns"});
  OnnxModel model = lower(graph);
  state_summands(model);
  return model;
}

TEST(StateSummands, NothingIsSaidOfWhatMayDiffer) {
  const auto others = std::vector<Value (*)(Value)>{
      [](Value x) { return global_average_pool(x); },
      [](Value x) {
        return filtered(x, "smaller", {.kernel = {3, 3}, .padding = {0, 0}});
      },
      [](Value x) {
        return filtered(x, "half", {.kernel = {3, 3}, .stride = {2}, .padding = {1, 1}});
      },
      [](Value x) {
        return x.graph->add_constant(random_tensor({kChannels, 1, 1}, -1, 1, 5));
      },
      [](Value x) {
        return x * x.graph->add_constant(random_tensor({1, 1, 1, 1, 1}, 1, 2, 5));
      },
      [](Value x) {
        return x.graph->add_input("z", DType::kFloat32, {"n", kChannels, "h", "w"});
      },
  };
  for (auto* other : others) EXPECT_THAT(sum_with(other).graph.value_infos, IsEmpty());
}

/// What a backbone from a file can have: numbers that make no convolution.
TEST(StateSummands, NothingIsComputedFromOddNumbers) {
  for (const std::int64_t odd : {std::int64_t{0}, std::int64_t{-3}, INT64_MAX}) {
    for (const char* name : {"strides", "dilations", "kernel_shape", "pads"}) {
      OnnxModel model = block({1, kChannels, 9, 12}, {.kernel = {3, 3}, .padding = {1, 1}});
      for (OnnxAttribute& attribute : model.graph.nodes.front().attributes) {
        if (attribute.name == name) attribute.ints.assign(attribute.ints.size(), odd);
      }
      state_summands(model);
      const bool usual = odd == 0 && name == std::string("pads");
      EXPECT_EQ(model.graph.value_infos.empty(), !usual) << name << ' ' << odd;
    }
  }
}

}  // namespace
}  // namespace tv2onnx
