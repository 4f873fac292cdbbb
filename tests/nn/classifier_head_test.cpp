#include "nn/classifier_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/run_graph.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::run_graph;

using Names = std::vector<std::string>;
constexpr std::int64_t kFeatures = 2;

/// A state dict with a head under "fc" of these layers, numbered as in an nn.Sequential.
struct Head {
  /// y = factor * x, of two features.
  Head& linear(const std::string& place, float factor) {
    add(place + ".weight", {2, 2}, {factor, 0, 0, factor});
    add(place + ".bias", {2}, {0, 0});
    return *this;
  }
  /// y = x + shift, but for eps.
  Head& norm(const std::string& place, float shift) {
    add(place + ".weight", {2}, {1, 1});
    add(place + ".bias", {2}, {shift, shift});
    add(place + ".running_mean", {2}, {0, 0});
    add(place + ".running_var", {2}, {1, 1});
    return *this;
  }
  void add(const std::string& key, Shape shape, std::vector<float> values) {
    checkpoint.tensors.push_back({key, make_tensor(std::move(shape), std::move(values))});
  }

  /// What the head makes of (1, -1).
  std::vector<float> run(const std::optional<Names>& names = {},
                         const std::vector<HeadLayer>& layers = {linear_layer()}) {
    const WeightSource source = weights_of(checkpoint);
    report = {};
    Graph graph(17);
    const Value x = graph.add_input("x", DType::kFloat32, {"batch", kFeatures});
    const Value y = classifier_head(Scope(graph, source, report) / "fc", x, layers, names);
    graph.add_output(y, "y", Dims(2));
    EXPECT_THAT(report.problems, IsEmpty());
    EXPECT_THAT(report.unused(source), IsEmpty());
    return to_float(run_graph(graph, {make_tensor({1, kFeatures}, std::vector<float>{1, -1})})[0]);
  }

  Checkpoint checkpoint;
  LoadReport report;
};

TEST(ClassifierHead, OneLayerIsWhatItIs) {
  Head head;
  EXPECT_THAT(head.linear("fc", 3).run(), ElementsAre(3, -3));
  EXPECT_THAT(head.report.assumed, IsEmpty());
}

TEST(ClassifierHead, ALayerWithoutABias) {
  Head head;
  head.add("fc.1.weight", {2, 2}, {2, 0, 0, 2});
  EXPECT_THAT(head.run(), ElementsAre(2, -2));
}

TEST(ClassifierHead, BetweenTwoLinearLayersIsAReluThatIsSaid) {
  Head head;
  head.linear("fc.1", 2).linear("fc.4", -1);
  EXPECT_THAT(head.run(), ElementsAre(-2, 0));
  EXPECT_THAT(head.report.assumed,
              ElementsAre(AllOf(HasSubstr("dropout at fc.0, relu at fc.2, dropout at fc.3"),
                                HasSubstr("--head-layers dropout,relu,dropout"))));
}

TEST(ClassifierHead, NamesSettleIt) {
  Head head;
  head.linear("fc.1", 2).linear("fc.4", -1);
  EXPECT_THAT(head.run(Names{"dropout", "identity", "dropout"}), ElementsAre(-2, 2));
  EXPECT_THAT(head.report.assumed, IsEmpty());
  EXPECT_THAT(head.run(Names{"relu", "dropout", "relu"}), ElementsAre(-2, 0));
  EXPECT_THAT(message_of([&] { head.run(Names{"relu"}); }),
              AllOf(HasSubstr("U002"), HasSubstr("fc.0, fc.2, fc.3")));
  EXPECT_THAT(message_of([&] {
                head.run(Names{"dropout", "softplus", "dropout"});
              }),
              AllOf(HasSubstr("U002"), HasSubstr("'softplus'")));
}

TEST(ClassifierHead, ANormalisationHasItsPlace) {
  Head behind;
  behind.linear("fc.0", 1).norm("fc.1", 2).linear("fc.3", 1);
  EXPECT_NEAR(behind.run()[1], 1, 1e-4);  // relu(-1 + 2)
  Head before;
  before.linear("fc.0", 1).norm("fc.2", 2).linear("fc.3", 1);
  EXPECT_NEAR(before.run()[1], 2, 1e-4);  // relu(-1) + 2
}

TEST(ClassifierHead, SeveralPlacesForOneActivationAreRefused) {
  Head head;
  head.linear("fc.0", 1).norm("fc.2", 2).linear("fc.4", 1);
  EXPECT_THAT(message_of([&] { head.run(); }),
              AllOf(HasSubstr("W002"), HasSubstr("fc.1, fc.3"), HasSubstr("--head-layers")));
  EXPECT_NEAR(head.run(Names{"dropout", "relu"})[1], 1, 1e-4);
  EXPECT_NEAR(head.run(Names{"relu", "dropout"})[1], 2, 1e-4);
}

TEST(ClassifierHead, TheBuildersOwnLayersAreKnown) {
  const std::vector<HeadLayer> layers{linear_layer(2), activation_layer(Activation::kHardSwish),
                                      dropout_layer(), linear_layer()};
  Head head;
  head.linear("fc.0", 3).linear("fc.3", 1);
  EXPECT_THAT(head.run({}, layers), ElementsAre(3, 0));  // hardswish(3), hardswish(-3)
  EXPECT_THAT(head.report.assumed, IsEmpty());
  // Another width says that it is another head.
  const std::vector<HeadLayer> wider{linear_layer(5), activation_layer(Activation::kHardSwish),
                                     dropout_layer(), linear_layer()};
  head.run({}, wider);
  EXPECT_THAT(head.report.assumed, ElementsAre(HasSubstr("relu at fc.1")));
}

TEST(ClassifierHead, AnOrderedDictOfLayers) {
  Head head;
  head.add("fc.fc1.weight", {1, 2}, {2, 0});
  head.add("fc.output.weight", {2, 1}, {-1, 1});
  EXPECT_THAT(head.run(), ElementsAre(-2, 2));
  EXPECT_THAT(head.report.assumed,
              ElementsAre(AllOf(HasSubstr("relu behind fc.fc1"), HasSubstr("--head-layers relu"))));
  head.add("fc.output.bias", {2}, {0, 1});
  EXPECT_THAT(head.run(Names{"identity"}), ElementsAre(-2, 3));
}

TEST(ClassifierHead, ANormalisationWithAName) {
  Head head;
  head.add("fc.fc1.weight", {1, 2}, {2, 0});
  for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
    head.add(std::string("fc.norm.") + leaf, {1}, {1});
  }
  head.add("fc.output.weight", {2, 1}, {-1, 1});
  EXPECT_THAT(message_of([&] { head.run(); }),
              AllOf(HasSubstr("W002"), HasSubstr("behind fc.fc1, behind fc.norm")));
}

/// A sorted file of the two would compute something else.
TEST(ClassifierHead, NamesWhoseOrderNothingTellsAreRefused) {
  Head head;
  head.linear("fc.hidden", 2).linear("fc.output", -1);
  EXPECT_THAT(message_of([&] { head.run(); }),
              AllOf(HasSubstr("W002"), HasSubstr("fc.hidden and fc.output both take 2")));
  Head nested;
  nested.linear("fc.block.0", 2).linear("fc.output", -1);
  EXPECT_THAT(message_of([&] { nested.run(); }),
              AllOf(HasSubstr("W002"), HasSubstr("fc.block is an nn.Sequential beside")));
}

TEST(ClassifierHead, ASequentialInTheLastPlace) {
  const std::vector<HeadLayer> layers{dropout_layer(), linear_layer()};
  Head head;
  head.linear("fc.1.0", 2).linear("fc.1.2", 1);
  EXPECT_THAT(head.run({}, layers), ElementsAre(2, 0));
  EXPECT_THAT(head.report.assumed, ElementsAre(HasSubstr("relu at fc.1.1")));
}

}  // namespace
}  // namespace tv2onnx
