#include "support/onnx_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "support/files.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using testing::check_with_onnx;
using ::testing::HasSubstr;
using testing::onnx_checker_knows;
using testing::TemporaryFolder;

class OnnxChecker : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!onnx_checker_knows(kDefaultOpset)) GTEST_SKIP() << "built without libonnx";
  }

  std::string verdict(const Graph& graph) { return verdict(lower(graph)); }
  std::string verdict(const OnnxModel& model) {
    write_onnx(model, folder_ / "m.onnx", {.overwrite = true});
    return check_with_onnx(folder_ / "m.onnx");
  }

  TemporaryFolder folder_;
};

TEST_F(OnnxChecker, AcceptsAGoodFile) {
  Graph graph(17);
  graph.add_output(relu(graph.add_input("x", DType::kFloat32, {"n"})), "y", {"n"});
  EXPECT_EQ(verdict(graph), "");
}

TEST_F(OnnxChecker, RefusesAnUnknownOperator) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n"});
  graph.add_output(graph.emit("Nonsense", {x}, {{}})[0], "y", {"n"});
  EXPECT_THAT(verdict(graph), HasSubstr("Nonsense"));
}

TEST_F(OnnxChecker, RefusesShapesThatContradict) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {2, 3});
  graph.add_output(relu(x), "y", {2, 4});
  EXPECT_THAT(verdict(graph), HasSubstr("nferred shape and existing shape differ"));
}

TEST_F(OnnxChecker, RefusesTypesThatContradict) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kInt64, {2});
  graph.add_output(relu(cast(x, DType::kFloat32)), "y", {2});
  OnnxModel model = lower(graph);
  model.graph.nodes.back().op = "Not";
  EXPECT_NE(verdict(model), "");
}

}  // namespace
}  // namespace tv2onnx
