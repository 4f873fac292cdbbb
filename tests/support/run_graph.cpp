#include "support/run_graph.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/onnx_checker.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx::testing {

Session session_of(const Graph& graph, Optimise optimise) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "graph.onnx";
  write_onnx(graph, path, {});
  EXPECT_EQ(check_with_onnx(path), "") << to_text(graph);
  return {path, {.library = {}, .threads = 1, .optimize = optimise == Optimise::kYes}};
}

std::vector<Tensor> run_graph(const Graph& graph, const std::vector<Tensor>& inputs) {
  return session_of(graph).run(inputs);
}

}  // namespace tv2onnx::testing
