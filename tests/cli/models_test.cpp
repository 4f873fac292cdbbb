#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::run_tool;
using ::testing::StartsWith;
using testing::ToolResult;

TEST(Models, ListsEveryModel) {
  const ToolResult all = run_tool("models");
  EXPECT_EQ(all.exit_code, 0);
  for (const Model& model : models()) {
    EXPECT_THAT(all.out, HasSubstr(model.name));
    EXPECT_THAT(all.out, HasSubstr(model.description));
  }
}

TEST(Models, ShowsSettingsAsFlags) {
  const ToolResult one = run_tool("models fasterrcnn_mobilenet_v3_large_320_fpn");
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_THAT(one.out, HasSubstr("--rpn-post-nms-top-n-test"));
  EXPECT_THAT(one.out, HasSubstr("150"));
}

TEST(Models, UnknownNamesNameTheNearest) {
  const ToolResult typo = run_tool("models fasterrcnn_mobilenet_v3_large_fpm");
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_EQ(typo.out, "");
  EXPECT_THAT(typo.err, HasSubstr("did you mean fasterrcnn_mobilenet_v3_large_fpn?"));
}

TEST(Models, AnswersAsJson) {
  const auto all = nlohmann::json::parse(run_tool("models --json").out);
  ASSERT_EQ(all.size(), models().size());
  EXPECT_EQ(all[0]["options"]["min_size"]["default"], 800);
  EXPECT_EQ(all[0]["options"]["min_size"]["flag"], "--min-size");
  EXPECT_EQ(run_tool("models --json --markdown").exit_code, 2);
}

TEST(Models, TheDocumentIsCurrent) {
  // What was measured stands behind it.
  EXPECT_THAT(testing::read_file(TV2ONNX_SOURCE_DIR "/docs/models.md"),
              StartsWith(run_tool("models --markdown").out))
      << "make it anew: scripts/full_parity --write docs/models.md";
}

}  // namespace
}  // namespace tv2onnx
