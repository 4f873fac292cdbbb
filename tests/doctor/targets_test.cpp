#include "doctor/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(Targets, EveryRowHasAReasonARemedyAndASource) {
  std::set<std::string_view> names;
  for (const doctor::TargetTable& table : doctor::targets()) {
    names.insert(table.name);
    EXPECT_FALSE(table.refusals.empty()) << table.name;
    for (const doctor::Refusal& row : table.refusals) {
      EXPECT_FALSE(row.why.empty()) << row.op;
      EXPECT_FALSE(row.remedy.empty()) << row.op;
      EXPECT_THAT(std::string(row.source), StartsWith("https://")) << row.op;
    }
  }
  EXPECT_THAT(names,
              ElementsAre("coreml", "nnapi", "onednn", "opencv", "openvino", "ort-web",
                          "ort-web-wasm", "ort-web-webgpu", "portable", "tensorrt", "xnnpack"));
}

/// Two suppressions, a RoiAlign and a NonZero.
std::filesystem::path detector_like(const testing::TemporaryFolder& folder) {
  Graph graph(17);
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {Dim(1), Dim("n"), Dim(4)});
  const Value scores = graph.add_input("scores", DType::kFloat32, {Dim(1), Dim(1), Dim("n")});
  const Value first = non_max_suppression(boxes, scores, {.iou_threshold = 0.7F});
  const Value second = non_max_suppression(boxes, scores, {.iou_threshold = 0.5F});
  graph.add_output(first, "first", {Dim("a"), Dim(3)});
  graph.add_output(second, "second", {Dim("b"), Dim(3)});
  graph.add_output(non_zero(scores), "third", {Dim(3), Dim("c")});
  write_onnx(lower(graph), folder / "model.onnx", {});
  return folder / "model.onnx";
}

TEST(Targets, NameEveryOffendingNode) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = detector_like(folder);
  const auto refused = [&](const std::string& target) {
    std::vector<Finding> found;
    for (Finding& finding : diagnose(path, {.target = target}).findings) {
      if (finding.code == "D13") found.push_back(std::move(finding));
    }
    return found;
  };
  const std::vector<Finding> opencv = refused("opencv");
  ASSERT_THAT(opencv, SizeIs(3));  // dynamic input, NonMaxSuppression, NonZero
  EXPECT_THAT(opencv[1].what, HasSubstr("NonMaxSuppression"));
  EXPECT_THAT(opencv[1].evidence, SizeIs(2));
  EXPECT_THAT(opencv[1].source, HasSubstr("/issues/23298"));
  EXPECT_THAT(opencv[2].evidence, Contains(HasSubstr("NonZero")));
  EXPECT_THAT(refused("tensorrt"), SizeIs(0));
  EXPECT_THAT(refused("openvino"), SizeIs(0));
  const std::vector<Finding> web = refused("ort-web");
  ASSERT_THAT(web, SizeIs(2));
  EXPECT_THAT(refused("ort-web-wasm"), SizeIs(0));
  EXPECT_EQ(web[0].damage, Damage::kInformation);
  EXPECT_THAT(refused(""), SizeIs(0));
}

Value floats_2d(Graph& graph) {
  return constant(graph, make_tensor({2, 8}, std::vector<float>(16, 0.5F)));
}

/// The findings of a graph with a Cast to double and a TopK whose K is a count of what was found.
std::vector<Finding> refused_by(const std::string& target) {
  Graph graph(17);
  const Value scores = graph.add_input("scores", DType::kFloat32, {Dim("n"), Dim(8)});
  const Value found = squeeze(pick(non_zero(scores), {0}, 0), {0});
  const Value top = top_k(gather(scores, found, 0), size_of(found, 0), 0).values;
  graph.add_output(cast(cast(top, DType::kFloat64), DType::kFloat32), "best", {Dim("m"), Dim(8)});
  graph.add_output(gemm(top, floats_2d(graph), floats(graph, {0, 0})), "layer", {Dim("m"), Dim(2)});
  const testing::TemporaryFolder folder;
  write_onnx(lower(graph), folder / "model.onnx", {});
  return diagnose(folder / "model.onnx", {.target = target}).findings;
}

Damage worst_of(const std::vector<Finding>& findings, const std::string& part) {
  Damage worst = Damage::kInformation;
  for (const Finding& finding : findings) {
    if (finding.what.find(part) != std::string::npos) worst = std::max(worst, finding.damage);
  }
  return worst;
}

TEST(Targets, DoNotCallHealthyWhatTheyCannotRun) {
  EXPECT_EQ(worst_of(refused_by("tensorrt"), "double precision"), Damage::kLimit);
  EXPECT_EQ(worst_of(refused_by("tensorrt"), "TopK: K comes from"), Damage::kLimit);
  EXPECT_EQ(worst_of(refused_by("ort-web"), "double precision"), Damage::kLimit);
  EXPECT_EQ(worst_of(refused_by("ort-web-webgpu"), "double precision"), Damage::kLimit);
  EXPECT_EQ(worst_of(refused_by("ort-web-wasm"), ""), Damage::kInformation);
  EXPECT_EQ(worst_of(refused_by("xnnpack"), "Gemm"), Damage::kWrong);
  EXPECT_EQ(worst_of(refused_by("onednn"), "Gemm"), Damage::kCrash);
  EXPECT_EQ(worst_of(refused_by("openvino"), ""), Damage::kInformation);
}

/// The findings of a graph for `target`, in which `build` makes of x [n, 8] what is given.
std::vector<Finding> refused_of(const std::string& target, const std::function<Value(Value)>& build,
                                int opset = 17) {
  Graph graph(opset);
  const Value x = graph.add_input("x", DType::kFloat32, {Dim("n"), Dim(8)});
  graph.add_output(build(x), "y", {});
  const testing::TemporaryFolder folder;
  write_onnx(lower(graph), folder / "model.onnx", {});
  std::vector<Finding> found;
  for (Finding& finding : diagnose(folder / "model.onnx", {.target = target}).findings) {
    if (finding.code == "D13") found.push_back(std::move(finding));
  }
  return found;
}

/// Of [rows, channels, side, side], what a provider is known to fail in
/// (tests/gen/provider_failures.py).
std::vector<std::string> failures_of(const std::string& target, Dim rows, Dim side,
                                     Value (*build)(Value x)) {
  std::vector<std::string> found;
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {rows, 4, side, side});
  graph.add_output(build(x), "y", {});
  const testing::TemporaryFolder folder;
  write_onnx(lower(graph), folder / "model.onnx", {});
  for (const Finding& finding : diagnose(folder / "model.onnx", {.target = target}).findings) {
    if (finding.damage > Damage::kInformation) found.push_back(finding.what);
  }
  return found;
}

Value convolved(Value x, std::int64_t groups) {
  const std::int64_t in = 4 / groups;
  const auto count = static_cast<std::size_t>(4 * in);
  const Value kernel =
      constant(*x.graph, make_tensor({4, in, 1, 1}, std::vector<float>(count, 0.5F)));
  return conv(x, kernel, {}, {.kernel = {1, 1}, .groups = groups});
}

TEST(ProviderTargets, NameTheOperatorThatFails) {
  using ::testing::IsEmpty;
  const auto grouped = [](Value x) { return convolved(x, 4); };
  const auto whole = [](Value x) { return convolved(x, 1); };
  EXPECT_THAT(failures_of("onednn", 1, Dim("n"), grouped), ElementsAre(HasSubstr("grouped Conv")));
  EXPECT_THAT(failures_of("onednn", 1, 8, grouped), IsEmpty());
  EXPECT_THAT(failures_of("onednn", 1, Dim("n"), whole), IsEmpty());
  const auto resized = [](Value x) { return resize_smooth(x, ints(*x.graph, {1, 4, 9, 9})); };
  EXPECT_THAT(failures_of("xnnpack", 1, Dim("n"), resized), ElementsAre(HasSubstr("Resize")));
  EXPECT_THAT(failures_of("xnnpack", 1, 8, resized), IsEmpty());
  const auto nearest = [](Value x) { return resize_nearest(x, ints(*x.graph, {1, 4, 9, 9})); };
  EXPECT_THAT(failures_of("xnnpack", 1, Dim("n"), nearest), IsEmpty());
  const auto without_bias = [](Value x) {
    return gemm(reshape(x, {1, 8}), floats_2d(*x.graph), {});
  };
  EXPECT_THAT(failures_of("xnnpack", 1, Dim("n"), without_bias),
              Contains(HasSubstr("without a bias")));
  EXPECT_THAT(failures_of("onednn", 1, Dim("n"), without_bias), IsEmpty());  // one row
}

/// The one limit of a portable file that the graph passes, "" if it passes none.
std::string portable_limit(const std::function<Value(Value)>& build) {
  std::string limit;
  for (const Finding& finding : refused_of("portable", build)) {
    if (finding.damage == Damage::kInformation) continue;
    EXPECT_EQ(limit, "") << finding.what;
    EXPECT_THAT(finding.evidence, SizeIs(1)) << finding.what;
    limit = finding.what;
  }
  return limit;
}

Value count_above(Value x) {
  const Value above = cast(greater(x, scalar_like(x, 0.5)), DType::kInt64);
  return reduce_sum(reduce_sum(above, {1}, false), {0}, true);
}

TEST(PortableTarget, NamesWhatFollowsFromTheContent) {
  using ::testing::StartsWith;
  EXPECT_THAT(portable_limit([](Value x) { return non_zero(x); }), HasSubstr("NonZero"));
  EXPECT_THAT(portable_limit([](Value x) { return top_k(x, count_above(x), 0).values; }),
              HasSubstr("TopK: K comes from what is found"));
  EXPECT_THAT(portable_limit([](Value x) { return top_k(x, size_of(x, 0), 0).values; }),
              HasSubstr("TopK: K comes from the image's size"));
  EXPECT_THAT(portable_limit([](Value x) { return top_k(x, ints(*x.graph, {3840}), 0).values; }),
              HasSubstr("TopK: K is 3840 or more"));
  EXPECT_EQ(portable_limit([](Value x) { return top_k(x, ints(*x.graph, {3839}), 0).values; }), "");
  EXPECT_THAT(portable_limit([](Value x) { return range(count_above(x)); }), HasSubstr("Range"));
  EXPECT_THAT(portable_limit([](Value x) {
                const Value numbers = cast(x, DType::kInt64);
                return mod(numbers, scalar_like(numbers, 3));
              }),
              HasSubstr("Mod"));
  EXPECT_THAT(portable_limit([](Value x) { return slice_to(x, 0, count_above(x)); }),
              HasSubstr("the shape comes from what is found"));
  EXPECT_THAT(portable_limit([](Value x) { return cast(cast(x, DType::kFloat64), DType::kInt64); }),
              HasSubstr("double precision"));
}

TEST(PortableTarget, TellsTheImagesSizeFromItsContent) {
  const auto resized = [](Value x) {
    return reshape_to(x, concat({size_of(x, 0), ints(*x.graph, {2, 4})}, 0));
  };
  EXPECT_EQ(portable_limit(resized), "");
  const std::vector<Finding> found = refused_of("portable", resized);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].damage, Damage::kInformation);
  EXPECT_THAT(found[0].what, HasSubstr("the image's size"));
  EXPECT_THAT(found[0].evidence, ElementsAre(HasSubstr("Reshape")));
}

/// What non-maximum suppression of x as four boxes selects.
Value selected(Value x) {
  const Value boxes = reshape(x, {1, -1, 4});
  return non_max_suppression(boxes, transpose(pick(boxes, {0}, 2), {0, 2, 1}), {});
}

TEST(PortableTarget, AllowsTheListOfNonMaximumSuppressionAndNothingThatCarriesItOn) {
  EXPECT_EQ(portable_limit(selected), "");
  EXPECT_EQ(portable_limit([](Value x) {
              const Value boxes = reshape(x, {1, -1, 4});
              const Value places = pick(selected(x), {0, 2}, 1);
              const Value none = fill(pick(shape_of(boxes), {0, 1, 2}, 0), 0, DType::kFloat32);
              return scatter_nd(none, places, gather_nd(boxes, places));
            }),
            "");
  EXPECT_THAT(portable_limit([](Value x) { return pick(selected(x), {2}, 1); }),
              HasSubstr("an output has as many rows"));
  EXPECT_THAT(portable_limit([](Value x) { return range(size_of(selected(x), 0)); }),
              HasSubstr("Range"));
  EXPECT_THAT(portable_limit([](Value x) {
                const Value rows = gather(x, reshape(pick(selected(x), {2}, 1), {-1}), 0);
                return gemm(rows, floats_2d(*x.graph), {});
              }),
              HasSubstr("as many rows as NonMaxSuppression selects"));
}

TEST(MobileTargets, SayWhatRunsOnTheCpu) {
  for (const std::string target : {"coreml", "nnapi"}) {
    const std::vector<Finding> found = refused_of(target, [](Value x) { return non_zero(x); });
    ASSERT_THAT(found, SizeIs(2)) << target;
    EXPECT_THAT(found[0].what, HasSubstr("any size"));
    EXPECT_THAT(found[1].evidence, ElementsAre(HasSubstr("NonZero")));
  }
}

TEST(Targets, AreSpelledRight) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = detector_like(folder);
  const auto error = testing::error_of([&] { diagnose(path, {.target = "tensort"}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code().name(), "U001");
  EXPECT_THAT(std::string(error->what()), HasSubstr("did you mean tensorrt?"));
  const auto answer = testing::run_tool("doctor --target opencv " + path.string());
  EXPECT_EQ(answer.exit_code, 1) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("source   https://github.com/opencv/opencv/issues/23298"));
}

}  // namespace
}  // namespace tv2onnx
