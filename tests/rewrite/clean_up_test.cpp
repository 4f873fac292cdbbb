#include "rewrite/clean_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sketch.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::Sketch;

Sketch littered() {
  const Tensor large = make_tensor({512}, std::vector<float>(512, 1.5F));
  Sketch sketch;
  sketch.input("x", {{512, ""}})
      .constant("first", large)
      .constant("second", large)
      .constant("other", make_tensor({512}, std::vector<float>(512, 2.5F)))
      .node("Identity", {"second"}, {"copy"})
      .node("Identity", {"copy"}, {"copy of copy"})
      .node("Add", {"x", "first"}, {"sum"})
      .node("Add", {"sum", "copy of copy"}, {"y"})
      .node("Mul", {"x", "other"}, {"dead"})
      .node("Identity", {"y"}, {"named"})
      .output("named", {{512, ""}});
  return sketch;
}

TEST(CleanUp, CountsWhatItWillSave) {
  Sketch sketch = littered();
  const Debris debris = find_debris(View(sketch.model));
  EXPECT_EQ(debris.nodes.size(), 1U);
  EXPECT_EQ(debris.tensors.size(), 1U);
  EXPECT_EQ(debris.identities.size(), 2U);  // the last one gives an output its name
  EXPECT_EQ(debris.copies.size(), 1U);
  EXPECT_EQ(debris.bytes, 2U * 512 * sizeof(float));
}

TEST(CleanUp, LeavesWhatTheOutputNeeds) {
  Sketch sketch = littered();
  clean_up(sketch.model);
  const OnnxGraph& graph = sketch.model.graph;
  ASSERT_EQ(graph.nodes.size(), 3U);
  auto node = graph.nodes.begin();
  EXPECT_THAT(node->inputs, ElementsAre("x", "first"));
  EXPECT_THAT((++node)->inputs, ElementsAre("sum", "first"));
  EXPECT_EQ((++node)->op, "Identity");
  EXPECT_EQ(graph.initializers.size(), 1U);
  EXPECT_EQ(find_debris(View(sketch.model)).size(), 0U);
}

}  // namespace
}  // namespace tv2onnx
