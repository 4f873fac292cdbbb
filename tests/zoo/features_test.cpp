// Outputs of modules. Their values are compared with torch's hooks in
// tests/live/classifiers_test.cpp.

#include "zoo/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// layer1.0/Relu, layer1.1/Relu, layer10/Relu, attn.qkv/Relu, a function of the model's own,
/// net/Relu, and a shape.
struct Network {
  Network() {
    graph.title = "net";
    Value x = graph.add_input("x", DType::kFloat32, {"batch", 3, "height", "width"});
    for (const char* name : {"layer1.0", "layer1.1", "layer10", "attn.qkv"}) {
      const NameScope names(graph, name);
      x = relu(x);
      values.push_back(x);
    }
    x = relu(x);
    const NameScope names(graph, "layer10");
    shape_of(x);
    graph.add_output(x, "logits", {"batch", 3, "height", "width"});
  }
  std::uint32_t feature(const char* path) {
    feature_outputs(graph, {path});
    return graph.outputs().back();
  }

  Graph graph = Graph(17);
  std::vector<Value> values;
};

TEST(Features, AreTheLastNumbersOfAModule) {
  EXPECT_EQ(Network().feature("layer1.0"), Network().values[0].id);
  EXPECT_EQ(Network().feature("layer1"), Network().values[1].id);
  EXPECT_EQ(Network().feature("layer10"), Network().values[2].id);
}

TEST(Features, ThatAreNotComputedAreRefusedWithTheNearest) {
  EXPECT_THAT(testing::message_of([] { Network().feature("layer2"); }),
              AllOf(HasSubstr("U001"), HasSubstr("nothing is computed at 'layer2'"),
                    HasSubstr("did you mean layer1")));
  EXPECT_EQ(testing::code_of([] { Network().feature("layer1.0.x"); }), "U001");
  EXPECT_EQ(testing::code_of([] { Network().feature("attn.qkv"); }), "U001");
  EXPECT_EQ(testing::code_of([] { Network().feature("net"); }), "U001");
  EXPECT_EQ(testing::code_of([] { Network().feature("logits"); }), "U002");
}

TEST(Features, DoNotCountWhatWasLeftOut) {
  Checkpoint checkpoint;
  checkpoint.left_out = {"fc.0 (torch.nn.modules.dropout.Dropout)"};
  EXPECT_EQ(testing::code_of([&] { require_own_numbers(checkpoint, {"fc.1"}); }), "U002");
  EXPECT_NO_THROW(require_own_numbers(checkpoint, {"fc", "layer4", "fc2.1"}));
  checkpoint.left_out = {"classifier.2 (torch.nn.modules.dropout.Dropout)"};
  EXPECT_NO_THROW(require_own_numbers(checkpoint, {"classifier.0", "classifier.1"}));
  EXPECT_EQ(testing::code_of([&] { require_own_numbers(checkpoint, {"classifier.3"}); }), "U002");
}

}  // namespace
}  // namespace tv2onnx
