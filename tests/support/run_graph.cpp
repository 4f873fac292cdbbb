#include "support/run_graph.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/onnx_checker.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::testing {
namespace {

std::vector<Tensor> run(const Graph& graph, const std::vector<Tensor>& inputs, bool optimise) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "graph.onnx";
  write_onnx(graph, path, {});
  EXPECT_EQ(check_with_onnx(path), "") << to_text(graph);
  const Session session(path, {.library = {}, .threads = 1, .optimize = optimise});
  return session.run(inputs);
}

}  // namespace

std::vector<Tensor> run_graph(const Graph& graph, const std::vector<Tensor>& inputs) {
  return run(graph, inputs, false);
}

std::vector<Tensor> run_graph_optimised(const Graph& graph, const std::vector<Tensor>& inputs) {
  return run(graph, inputs, true);
}

}  // namespace tv2onnx::testing
