#include "support/run_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/lower.h"
#include "onnx/write.h"
#include "rewrite/check.h"
#include "rewrite/edit.h"
#include "support/files.h"
#include "support/onnx_checker.h"

namespace tv2onnx::testing {

OnnxModel lowered(const Graph& graph) {
  OnnxModel model = lower(graph);
  remove_dead(model);
  EXPECT_THAT(check(model), ::testing::IsEmpty()) << to_text(graph);
  return model;
}

Session session_of(const OnnxModel& model, Optimise optimise) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "graph.onnx";
  write_onnx(model, path, {});
  EXPECT_EQ(check_with_onnx(path), "") << model.graph.name;
  return {path, {.library = {}, .threads = 1, .optimize = optimise == Optimise::kYes}};
}

Session session_of(const Graph& graph, Optimise optimise) {
  return session_of(lowered(graph), optimise);
}

void expect_no_double(const Graph& graph) {
  for (std::uint32_t id = 0; id < graph.value_count(); ++id) {
    EXPECT_NE(graph.info(id).dtype, DType::kFloat64) << graph.info(id).name;
  }
}

std::vector<Tensor> run_graph(const OnnxModel& model, const std::vector<Tensor>& inputs) {
  return session_of(model).run(inputs);
}

std::vector<Tensor> run_graph(const Graph& graph, const std::vector<Tensor>& inputs) {
  return session_of(graph).run(inputs);
}

}  // namespace tv2onnx::testing
