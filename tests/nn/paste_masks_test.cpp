#include "nn/paste_masks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using testing::Golden;
using testing::kOpsets;
using testing::Optimise;
using testing::session_of;

void build(Graph& graph, std::int64_t size) {
  const Value masks = graph.add_input("masks", DType::kFloat32, {"n", 1, size, size});
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {"n", 4});
  const Value image_size = graph.add_input("image_size", DType::kInt64, {2});
  graph.add_output(paste_masks(masks, boxes, image_size), "full", {"n", 1, Dim(), Dim()});
}

TEST(PasteMasks, IsTorchvisions) {
  const Golden golden("pasting");
  for (const int opset : kOpsets) {
    for (const std::int64_t size : {5, 28}) {
      const std::string suffix = "." + std::to_string(size);
      SCOPED_TRACE("opset " + std::to_string(opset) + ", size" + suffix);
      Graph graph(opset);
      build(graph, size);
      for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
        const auto found =
            session_of(graph, optimise)
                .run({golden["masks" + suffix], golden["boxes"], golden["image_size"]});
        expect_near(found[0], golden["expected" + suffix], 1e-5F);
      }
    }
  }
}

TEST(PasteMasks, NoMasksGiveNoImages) {
  for (const int opset : kOpsets) {
    Graph graph(opset);
    build(graph, 5);
    const auto found = session_of(graph).run({make_tensor({0, 1, 5, 5}, std::vector<float>()),
                                              make_tensor({0, 4}, std::vector<float>()),
                                              make_tensor({2}, std::vector<std::int64_t>{7, 9})});
    EXPECT_THAT(found[0].shape, ElementsAre(0, 1, 7, 9));
  }
}

}  // namespace
}  // namespace tv2onnx
