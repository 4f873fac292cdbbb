#include <gtest/gtest.h>

#include "graph/ops.h"
#include "tv2onnx/graph.h"

namespace tv2onnx {
namespace {

TEST(Text, ShowsTheWholeGraph) {
  Graph graph(17);
  graph.title = "net";
  const Value x = graph.add_input("x", DType::kFloat32, {"batch", 3, "height", "width"});
  const NameScope names(graph, "body.0");
  const Value w =
      graph.add_weight("body.0.weight", make_tensor({2, 3, 1, 1}, std::vector<float>(6, 0.5F)));
  const Value large =
      graph.add_weight("body.0.bias", make_tensor({2, 5}, std::vector<float>(10, 0.5F)));
  const Value y = conv(x, w, {}, {.kernel = {1, 1}, .stride = {2}});
  graph.add_output(y, "y", {"batch", 2, Dim(), Dim()});
  graph.add_output(hard_sigmoid(large), "z", {2, 5});
  graph.add_output(fill(ints(graph, {2}), 1, DType::kInt64), "ones", {2});
  EXPECT_EQ(to_text(graph), R"(<ir_version: 8, opset_import: ["" : 17]>
net (float[batch,3,height,width] "x") => (float[batch,2,?,?] "y", float[2,5] "z", int64[2] "ones")
<float[2,3,1,1] "body.0.weight" = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
 float[2,5] "body.0.bias",
 int64[1] "const/int640" = {2}>
{
   "y" = Conv <kernel_shape = [1, 1], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1> ("x", "body.0.weight")
   "z" = HardSigmoid <alpha = 0.16666667, beta = 0.5> ("body.0.bias")
   "ones" = ConstantOfShape <value = int64[1] {1}> ("const/int640")
}
)");
}

TEST(Text, ShowsTheIrVersionThatTheFileHas) {
  EXPECT_NE(to_text(Graph(11)).find("ir_version: 6,"), std::string::npos);
  EXPECT_NE(to_text(Graph(21)).find("ir_version: 10,"), std::string::npos);
}

TEST(Text, AbsentInputsAreEmptyNames) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1, 1, 2, 2});
  graph.add_output(resize_nearest(x, ints(graph, {1, 1, 4, 4})), "y", {1, 1, 4, 4});
  EXPECT_NE(to_text(graph).find(R"(("x", "", "", "const/int640"))"), std::string::npos);
}

}  // namespace
}  // namespace tv2onnx
