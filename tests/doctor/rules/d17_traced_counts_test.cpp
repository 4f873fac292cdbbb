// Constants that the traced image's content decided, in small graphs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "doctor/rule.h"
#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/schema.h"
#include "onnx/write.h"
#include "support/files.h"
#include "support/sketch.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;

/// What passes the threshold, a list of any length; float32 [found].
Value found_in(Value scores) {
  const Value places = non_zero(greater(scores, scalar_like(scores, 0.5)));
  return gather(scores, squeeze(transpose(places, {1, 0}), {1}), 0);
}

using Build = void (*)(Graph& graph, Value scores);

std::filesystem::path written(const testing::TemporaryFolder& folder, Build build) {
  Graph graph(17);
  build(graph, graph.add_input("scores", DType::kFloat32, {Dim("n")}));
  write_onnx(lower(graph), folder / "model.onnx", {});
  return folder / "model.onnx";
}

std::vector<Finding> found_by(Build build) {
  const testing::TemporaryFolder folder;
  std::vector<Finding> findings = diagnose(written(folder, build)).findings;
  std::erase_if(findings, [](const Finding& finding) { return finding.code != "D17"; });
  return findings;
}

void takes_three(Graph& graph, Value scores) {
  graph.add_output(top_k(found_in(scores), ints(graph, {3}), 0).values, "best", {Dim("m")});
}

TEST(TracedCounts, TopKOfWhatWasFound) {
  const std::vector<Finding> found = found_by(takes_three);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].damage, Damage::kWrong);  // as candidates of a one-stage detector
  EXPECT_TRUE(found[0].repairable);
  EXPECT_THAT(found[0].evidence[0], HasSubstr("K = 3"));
  EXPECT_THAT(found[0].remedy, HasSubstr("--topk-candidates"));
}

TEST(TracedCounts, RepairedTopKTakesWhatThereIs) {
  for (const int opset : {11, 17}) {
    const testing::TemporaryFolder folder;
    Graph graph(opset);
    takes_three(graph, graph.add_input("scores", DType::kFloat32, {Dim("n")}));
    OnnxModel model = lower(graph);
    EXPECT_TRUE(doctor::repair(model, doctor::examine(model, "")).contains("D17"));
    write_onnx(model, folder / "fixed.onnx", {});
    const Session session(folder / "fixed.onnx", {});
    const auto best = [&](std::vector<float> scores) {
      const auto count = static_cast<std::int64_t>(scores.size());
      return to_float(session.run({make_tensor({count}, std::move(scores))})[0]);
    };
    EXPECT_THAT(best({0.1F, 0.9F}), ::testing::ElementsAre(0.9F));
    EXPECT_THAT(best({0.1F, 0.2F}), ::testing::IsEmpty());
    EXPECT_THAT(best({0.7F, 0.6F, 0.9F, 0.8F}), ::testing::ElementsAre(0.9F, 0.8F, 0.7F, 0.6F));
    EXPECT_TRUE(doctor::examine(model, "").healthy());
  }
}

TEST(TracedCounts, AxesThatAreNoLists) {
  const auto classes = [](Graph& graph, Value scores) {
    const Value rows = reshape(found_in(scores), {-1, 1});
    graph.add_output(top_k(concat({rows, rows}, 1), ints(graph, {2}), 1).values, "best", {});
  };
  EXPECT_TRUE(found_by(classes).empty());
  const auto padded = [](Graph& graph, Value scores) {
    const Value rows = concat({found_in(scores), floats(graph, {0, 0, 0})}, 0);
    graph.add_output(top_k(rows, ints(graph, {3}), 0).values, "best", {});
  };
  EXPECT_TRUE(found_by(padded).empty());
  const auto bounded = [](Graph& graph, Value scores) {
    const Value list = found_in(scores);
    const Value k = minimum(pick(shape_of(list), {0}, 0), ints(graph, {3}));
    graph.add_output(top_k(list, k, 0).values, "best", {});
  };
  EXPECT_TRUE(found_by(bounded).empty());
  const auto first = [](Graph& graph, Value scores) {
    graph.add_output(slice(found_in(scores), {.axis = 0, .start = 0, .end = 100}), "some", {});
    graph.add_output(slice(found_in(scores), {.axis = 0, .start = 1}), "others", {});
    (void)graph;
  };
  EXPECT_TRUE(found_by(first).empty());
}

/// A Split of what was found into parts of `sizes`, of opset 11.
OnnxModel with_split(std::vector<std::int64_t> sizes) {
  Graph graph(11);
  const Value scores = graph.add_input("scores", DType::kFloat32, {Dim("n")});
  graph.add_output(relu(found_in(scores)), "list", {Dim("m")});
  OnnxModel model = lower(graph);
  OnnxNode& relu_node = model.graph.nodes.back();
  OnnxNode split;
  split.op = "Split";
  split.name = "split";
  split.inputs = {relu_node.inputs[0]};
  OnnxAttribute attribute;
  attribute.name = "split";
  attribute.type = schema::attribute::kTypeInts;
  attribute.ints = sizes;
  split.attributes.push_back(attribute);
  for (std::size_t k = 0; k < sizes.size(); ++k) split.outputs.push_back(fmt::format("part{}", k));
  relu_node.inputs[0] = "part0";
  model.graph.nodes.insert(std::prev(model.graph.nodes.end()), split);
  return model;
}

TEST(TracedCounts, PartsOfAList) {
  OnnxModel two = with_split({5, 2});
  const Diagnosis parts = doctor::examine(two, "");
  ASSERT_FALSE(parts.findings.empty());
  EXPECT_EQ(parts.findings[0].code.name(), "D17");
  EXPECT_THAT(parts.findings[0].evidence[0], HasSubstr("parts of 5, 2"));
  EXPECT_FALSE(parts.findings[0].repairable);
  // One part is the list itself.
  OnnxModel one = with_split({7});
  const Diagnosis whole = doctor::examine(one, "");
  ASSERT_FALSE(whole.findings.empty());
  EXPECT_TRUE(whole.findings[0].repairable);
  doctor::repair(one, whole);
  EXPECT_TRUE(doctor::examine(one, "").healthy());
}

TEST(TracedCounts, PlacesPartsAndShapes) {
  const auto places = [](Graph& graph, Value scores) {
    graph.add_output(pick(found_in(scores), {0, 2, 3}, 0), "chosen", {});
  };
  const auto part = [](Graph& graph, Value scores) {
    graph.add_output(slice(found_in(scores), {.axis = 0, .start = 3, .end = 7}), "part", {});
    (void)graph;
  };
  const auto shape = [](Graph& graph, Value scores) {
    graph.add_output(reshape(found_in(scores), {3, 2}), "pairs", {});
  };
  for (const auto& [build, text] : std::vector<std::pair<Build, const char*>>{
           {places, "takes places 0, 2, 3"}, {part, "from 3 to 7"}, {shape, "to [3, 2]"}}) {
    const std::vector<Finding> found = found_by(build);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_FALSE(found[0].repairable);
    EXPECT_THAT(found[0].evidence[0], HasSubstr(text));
  }
}

}  // namespace
}  // namespace tv2onnx
