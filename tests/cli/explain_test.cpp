#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::run_tool;
using ::testing::StartsWith;
using testing::ToolResult;

TEST(Explain, ListsEveryCode) {
  const ToolResult all = run_tool("explain");
  EXPECT_EQ(all.exit_code, 0);
  for (const ErrorCodeRow& row : error_codes()) {
    EXPECT_THAT(all.out, HasSubstr(std::string(row.code.name())));
    EXPECT_THAT(all.out, HasSubstr(std::string(row.title)));
  }
}

TEST(Explain, TakesACodeInAnyForm) {
  const std::string expected = run_tool("explain W003").out;
  EXPECT_THAT(expected, StartsWith("W003: "));
  EXPECT_THAT(expected, HasSubstr("Exit code 3: bad input file."));
  EXPECT_EQ(run_tool("explain w003").out, expected);
  EXPECT_EQ(run_tool("explain 'error[W003]: pets.pth'").out, expected);
}

TEST(Explain, KnowsFindingsOfTheDoctor) {
  EXPECT_THAT(run_tool("explain D01").out, StartsWith("D01: "));
  EXPECT_THAT(run_tool("explain D01").out, HasSubstr("Exit code 1: a finding of tv2onnx doctor."));
  EXPECT_THAT(run_tool("explain d11").out, HasSubstr("Exit code 0: nothing is wrong."));
}

TEST(Explain, UnknownCodesNameTheNearest) {
  const ToolResult typo = run_tool("explain W0O3");
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_EQ(typo.out, "");
  EXPECT_THAT(typo.err, HasSubstr("error[U001]: unknown error code 'W0O3'"));
  EXPECT_THAT(typo.err, HasSubstr("did you mean W003?"));
  EXPECT_THAT(run_tool("explain nonsense").err, HasSubstr("all codes: tv2onnx explain"));
}

TEST(Explain, AnswersAsJson) {
  const auto all = nlohmann::json::parse(run_tool("explain --json").out);
  EXPECT_EQ(all.size(), error_codes().size());
  const auto one = nlohmann::json::parse(run_tool("explain O004 --json").out);
  EXPECT_EQ(one["code"], "O004");
  EXPECT_EQ(one["exit_code"], 2);
  EXPECT_EQ(run_tool("explain --json --markdown").exit_code, 2);
}

TEST(Explain, TheDocumentIsCurrent) {
  EXPECT_EQ(testing::read_file(TV2ONNX_SOURCE_DIR "/docs/errors.md"),
            run_tool("explain --markdown").out)
      << "make it anew: build/release/tv2onnx explain --markdown > docs/errors.md";
}

}  // namespace
}  // namespace tv2onnx
