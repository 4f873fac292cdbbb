// Nodes are named after the modules that they compute, or the model, in every model.

#include <gtest/gtest.h>

#include <string>

#include "support/designed_weights.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

/// Names without a module, of the builder's graph.
std::string names_without_module(const Model& model, const testing::TensorList& tensors) {
  const Checkpoint checkpoint = testing::without_values(tensors);
  const WeightSource source = weights_of(checkpoint);
  Graph graph(kDefaultOpset);
  graph.title = model.name;
  LoadReport load;
  BuildOptions options;
  // How photos are prepared depends on more than the weights.
  if (model.task != Task::kDetection) options.preprocess = Preprocess::kNone;
  model.build(Scope(graph, source, load), Config(model.options), options);
  std::string names;
  for (const Node& node : graph.nodes()) {
    if (node.name.find('/') == std::string::npos) names += node.name + ' ';
  }
  return names;
}

TEST(NodeNames, HaveTheirModule) {
  for (const auto* builders : {&testing::builder_tensors(), &testing::task_tensors()}) {
    for (const auto& [builder, tensors] : *builders) {
      EXPECT_EQ(names_without_module(find_model(builder), tensors), "") << builder;
    }
  }
}

}  // namespace
}  // namespace tv2onnx
