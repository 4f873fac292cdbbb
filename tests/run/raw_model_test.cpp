// Metadata of raw files, which anybody may have edited.

#include "run/raw_model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/errors.h"
#include "support/run_graph.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::session_of;
using ::testing::SizeIs;

constexpr const char* kGrids = "[[8,12],[4,6]]";

/// A raw RetinaNet of two maps with two anchors per cell, whose outputs have `rows` rows.
Session file(const std::string& grids, std::int64_t rows = 240, Dims input = {1, 3, 64, 96}) {
  Graph graph(kDefaultOpset);
  const Value image = graph.add_input("input", DType::kFloat32, std::move(input));
  const Value zero = reduce_sum(image, {0, 1, 2, 3}, false) * 0.0;
  const auto output = [&](const char* name, std::int64_t columns) {
    const Value ones = fill(ints(graph, {1, rows, columns}), 1, DType::kFloat32);
    graph.add_output(ones + zero, name, {1, rows, columns});
  };
  output("cls_logits", 5);
  output("bbox_regression", 4);
  graph.metadata = {
      {"tv2onnx.architecture", "retinanet_resnet50_fpn"},
      {"tv2onnx.torchvision", "0.21"},
      {"tv2onnx.config",
       R"({"anchor_generator.sizes": [[16], [32]],
                         "anchor_generator.aspect_ratios": [[0.5, 2], [0.5, 2]]})"},
      {"tv2onnx.raw", fmt::format(R"({{"family": "retinanet", "grids": {}}})", grids)}};
  return session_of(graph);
}

std::string refusal(const Session& session) {
  return message_of([&] { raw_model(session, read_contract(session)); });
}

TEST(RawModel, IsWhatTheMetadataSay) {
  const Session session = file(kGrids);
  const RawModel model = raw_model(session, read_contract(session));
  EXPECT_EQ(model.input, (ImageSize{64, 96}));
  EXPECT_EQ(model.classes, 5);
  EXPECT_THAT(model.references, SizeIs(240));
  EXPECT_THAT(model.levels, ::testing::ElementsAre(192U, 48U));
  // The second anchor of the second cell of the finer map: 8 pixels to the right, twice as high.
  EXPECT_EQ(model.references[3], (Corners{2, -11, 14, 11}));
}

TEST(RawModel, GridsMustBeThoseOfTheOutputs) {
  for (const char* grids :
       {"[[8,12],[4,5]]", "[[8,12]]", "[[8,12],[4,6],[2,3]]", "[[64,96],[64,96]]"}) {
    EXPECT_THAT(refusal(file(grids)), HasSubstr("error[")) << grids;
  }
  EXPECT_THAT(refusal(file(kGrids, 239)), HasSubstr("another number of anchors"));
  EXPECT_THAT(refusal(file(kGrids, 1)), HasSubstr("another number of anchors"));
}

TEST(RawModel, GridsAreSizesOfFeatureMaps) {
  for (const char* grids : {"[[0,12],[4,6]]", "[[-8,12],[4,6]]", "[[1000000000,12],[4,6]]",
                            "[[8],[4,6]]", "[8,12]", R"([["8","12"],[4,6]])"}) {
    EXPECT_THAT(refusal(file(grids)), HasSubstr("not a size of a feature map")) << grids;
  }
  EXPECT_THAT(refusal(file("3")), HasSubstr("has no grids"));
}

TEST(RawModel, TheInputIsAnImageOfOneSize) {
  EXPECT_THAT(refusal(file(kGrids, 240, {1, 3, "height", 96})), HasSubstr("which is not an image"));
}

}  // namespace
}  // namespace tv2onnx
