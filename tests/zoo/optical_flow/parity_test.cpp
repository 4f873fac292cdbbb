// Flows of RAFT, against those that torchvision gave in double.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "support/task_golden.h"

namespace tv2onnx {
namespace {

using testing::compare_run;
using testing::designed_inputs;
using testing::export_case;
using ::testing::HasSubstr;
using testing::Json;
using testing::session_of;
using testing::task_case;

class FlowParity : public ::testing::TestWithParam<const char*> {};

/// Below opset 16 without GridSample.
TEST_P(FlowParity, FlowsAreTorchvisions) {
  const Json& one = task_case(GetParam());
  bool all_runs = true;
  for (const int opset : testing::opsets_of(one)) {
    const ExportedModel model = export_case(one, {.opset = opset});
    EXPECT_EQ(model.report.arch, one["builder"].get<std::string>());
    EXPECT_EQ(model.report.task, Task::kFlow);
    EXPECT_EQ(model.report.classes, 0);
    const Session session = session_of(model);
    for (const Json& run : one["runs"]) {
      EXPECT_LE(compare_run(session, run, 2), 1) << opset;
      if (!all_runs) break;
    }
    all_runs = false;  // the first opset is enough
  }
}

INSTANTIATE_TEST_SUITE_P(AllPaths, FlowParity, ::testing::Values("raft_large", "raft_small"),
                         [](const auto& test) { return std::string(test.param); });

TEST(FlowParityMutations, TheNumberOfUpdatesIsSeen) {
  const Json& one = task_case("raft_small");
  const Session session = session_of(export_case(one, {}, {{"num_flow_updates", 2}}));
  EXPECT_GT(compare_run(session, one["runs"].front(), 2), 5);
}

/// torchvision's list ends after fewer updates with what fewer updates give, which is compared
/// above.
TEST(AllFlows, AreThoseOfFewerUpdates) {
  for (const char* name : {"raft_large", "raft_small"}) {
    const Json& one = task_case(name);
    const std::vector<Tensor> pair = designed_inputs({1, 3, 128, 136}, 2);
    const auto run = [&](OutputMode outputs, std::int64_t updates) {
      const Session session = session_of(
          export_case(one, {.build = {.outputs = outputs}}, {{"num_flow_updates", updates}}));
      return session.run(pair);
    };
    const std::vector<Tensor> all = run(OutputMode::kAll, 3);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].shape, (Shape{3, 1, 2, 128, 136}));
    for (std::size_t k = 0; k < 3; ++k) {
      const auto wanted = to_float(run(OutputMode::kFlow, static_cast<std::int64_t>(k) + 1)[0]);
      const auto found = to_float(part_of(all[1], k));
      ASSERT_EQ(found.size(), wanted.size());
      for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], wanted[i], 1e-5) << i;
    }
    EXPECT_EQ(to_float(all[0]), to_float(part_of(all[1], 2)));
  }
}

TEST(FlowInputs, PairsOfABatchAreIndependent) {
  const Json& one = task_case("raft_small");
  const Session session = session_of(export_case(one, {}));
  const std::vector<Tensor> three = designed_inputs({3, 3, 128, 128}, 2);
  const std::vector<float> together = to_float(session.run(three)[0]);
  for (std::size_t k = 0; k < 3; ++k) {
    std::vector<Tensor> pair;
    for (const Tensor& images : three) {
      pair.push_back(part_of(images, k));
      pair.back().shape.insert(pair.back().shape.begin(), 1);
    }
    const std::vector<float> alone = to_float(session.run(pair)[0]);
    for (std::size_t i = 0; i < alone.size(); ++i) {
      ASSERT_NEAR(alone[i], together[k * alone.size() + i], 1e-4) << k << ' ' << i;
    }
  }
}

/// Each of these, taken without a word, would give a flow that means nothing.
TEST(FlowInputs, ThatRaftCannotTakeAreRefused) {
  const Session session = session_of(export_case(task_case("raft_small"), {}));
  const char* sizes = "height_and_width_must_be_multiples_of_8_and_128_at_least";
  struct Refused {
    Shape first;
    Shape second;
    const char* name;
  };
  const Refused refused[] = {
      {{1, 3, 130, 128}, {1, 3, 130, 128}, sizes},
      {{1, 3, 128, 132}, {1, 3, 128, 132}, sizes},
      {{1, 3, 120, 128}, {1, 3, 120, 128}, sizes},
      {{1, 3, 64, 64}, {1, 3, 64, 64}, sizes},
      {{1, 3, 128, 136}, {1, 3, 136, 128}, "image1_and_image2_must_have_the_same_size"},
      {{2, 3, 128, 128}, {1, 3, 128, 128}, "image1_and_image2_must_be_equally_many"},
      {{1, 3, 128, 128}, {3, 3, 128, 128}, "image1_and_image2_must_be_equally_many"}};
  for (const auto& [first, second, name] : refused) {
    const std::vector<Tensor> images{designed_inputs(first, 2)[0], designed_inputs(second, 2)[1]};
    EXPECT_THAT(testing::message_of([&] { session.run(images); }), HasSubstr(name));
  }
}

}  // namespace
}  // namespace tv2onnx
