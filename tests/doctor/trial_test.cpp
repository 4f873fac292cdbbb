// Running foreign files on images; the files here are graphs that fail in one way each.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "graph/ops.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::run_tool;

const Dims kAnySize{Dim("batch"), Dim(3), Dim("height"), Dim("width")};

/// A "detector" that finds one box, of score 0.9 where the mean of the first channel is above 0.3
/// and of 0.2 elsewhere.
void add_outputs(Graph& graph, Value x, double far_corner) {
  const Value mean =
      reshape(global_average_pool(slice(x, {.axis = 1, .start = 0, .end = 1})), {-1});
  const Value one = mean * 0.0 + 1.0;
  const Value zero = one - 1.0;
  const Value corner = zero + far_corner;
  graph.add_output(concat({unsqueeze(zero, {1}), unsqueeze(zero, {1}), unsqueeze(corner, {1}),
                           unsqueeze(corner, {1})},
                          1),
                   "boxes", {Dim("n"), Dim(4)});
  graph.add_output(cast(one, DType::kInt64), "labels", {Dim("n")});
  const Value bright = greater(mean, scalar_like(mean, 0.3));
  graph.add_output(where(bright, one * 0.9, one * 0.2), "scores", {Dim("n")});
}

Trial trial_of(Graph& graph) {
  const testing::TemporaryFolder folder;
  write_onnx(graph, folder / "model.onnx", {});
  return try_out(folder / "model.onnx", {});
}

const TrialRun& run_named(const Trial& trial, const std::string& name) {
  const auto found = std::ranges::find(trial.runs, name, &TrialRun::input);
  EXPECT_NE(found, trial.runs.end()) << name;
  return found != trial.runs.end() ? *found : trial.runs[0];
}

TEST(Trial, PassesWhatWorks) {
  Graph graph(17);
  add_outputs(graph, graph.add_input("x", DType::kFloat32, kAnySize), 5);
  const Trial trial = trial_of(graph);
  for (const TrialRun& run : trial.runs) EXPECT_TRUE(run.passed) << run.input << run.outcome;
  EXPECT_EQ(trial.runs.size(), 9U);
  EXPECT_EQ(run_named(trial, "white").outcome, "1 detection, best 0.90");
  EXPECT_EQ(trial.variants.size(), 5U);
  EXPECT_TRUE(trial.passed());
}

TEST(Trial, RunsModelsOfHalfPrecision) {
  Graph graph(17);
  add_outputs(graph, cast(graph.add_input("x", DType::kFloat16, kAnySize), DType::kFloat32), 5);
  const Trial trial = trial_of(graph);
  for (const TrialRun& run : trial.runs) EXPECT_TRUE(run.passed) << run.input << run.outcome;
  EXPECT_EQ(run_named(trial, "white").outcome, "1 detection, best 0.90");
  EXPECT_EQ(run_named(trial, "blank").outcome, "1 detection, best 0.20");
}

TEST(Trial, NamesAFixedSizeAndBatch) {
  Graph graph(17);
  add_outputs(graph, graph.add_input("x", DType::kFloat32, {Dim(1), Dim(3), Dim(64), Dim(96)}), 5);
  const Trial trial = trial_of(graph);
  EXPECT_FALSE(trial.passed());
  EXPECT_EQ(run_named(trial, "other size").explanation.code.name(), "D03");
  EXPECT_EQ(run_named(trial, "batch_2").explanation.code.name(), "D04");
  EXPECT_TRUE(run_named(trial, "blank").passed);
}

TEST(Trial, SeesBoxesOutsideTheImage) {
  Graph graph(17);
  add_outputs(graph, graph.add_input("x", DType::kFloat32, kAnySize), 640);
  const Trial trial = trial_of(graph);
  EXPECT_EQ(run_named(trial, "blank").explanation.code.name(), "D03");
  EXPECT_EQ(run_named(trial, "blank").outcome, "wrong");
  EXPECT_THAT(run_named(trial, "blank").explanation.cause, HasSubstr("outside the image"));
}

TEST(Trial, SeesNumbersThatAreNone) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, kAnySize);
  add_outputs(graph, x / (x - x), 5);
  EXPECT_EQ(run_named(trial_of(graph), "white").explanation.code.name(), "D15");
}

TEST(Trial, SeesThatOnlyTheFirstImageIsAnswered) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, kAnySize);
  add_outputs(graph, slice(x, {.axis = 0, .start = 0, .end = 1}), 5);
  const Trial trial = trial_of(graph);
  EXPECT_EQ(run_named(trial, "batch_2").explanation.code.name(), "D04");
}

TEST(Trial, SaysWhatTheModelWasMadeFor) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, kAnySize);
  const Value mean =
      constant(graph, make_tensor({3, 1, 1}, std::vector<float>{0.485F, 0.456F, 0.406F}));
  add_outputs(graph, (x - mean) * 4.0, 5);
  const Trial trial = trial_of(graph);
  EXPECT_THAT(trial.made_for, HasSubstr("made for RGB 0..1, as the graph says"));
  Graph unknown(17);
  add_outputs(unknown, unknown.add_input("x", DType::kFloat32, kAnySize), 5);
  EXPECT_THAT(trial_of(unknown).made_for, HasSubstr("the graph does not say"));
}

TEST(Trial, RunsTheDemosDetectorOnTheCommandLine) {
  const testing::TemporaryFolder folder;
  const std::string model = (folder / "shapes.onnx").string();
  const std::string root = TV2ONNX_SOURCE_DIR;
  ASSERT_EQ(run_tool("export " + root + "/examples/shapes/fasterrcnn_shapes_half.pth -o " + model)
                .exit_code,
            0);
  const auto answer =
      run_tool("doctor " + model + " --image " + root + "/docs/images/scenes/034.jpg");
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("made for RGB 0..1, as the graph says (metadata of tv2onnx), "
                                    "and the trial agrees"));
  EXPECT_THAT(answer.out, HasSubstr("healthy"));
  const auto json = run_tool("doctor --json --run " + model);
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_THAT(json.out, HasSubstr("\"made_for\""));
}

}  // namespace
}  // namespace tv2onnx
