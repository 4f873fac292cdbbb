#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "support/files.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

/// Every code that the sources name, with one file that does.
std::map<std::string, std::string> codes_in_sources() {
  std::map<std::string, std::string> codes;
  const std::regex literal(
      R"re(\.code = "([A-Z][^"]*)"|error\[([A-Z][0-9]{3})\]|"([A-Z][0-9]{3})")re");
  for (const auto& entry : fs::recursive_directory_iterator(TV2ONNX_SOURCE_DIR "/src")) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file() || path.filename() == "error_codes.cpp") continue;
    const std::string text = testing::read_file(path);
    for (std::sregex_iterator at(text.begin(), text.end(), literal), end; at != end; ++at) {
      for (std::size_t group = 1; group < at->size(); ++group) {
        // Two digits are a finding of the doctor.
        if ((*at)[group].length() == 3) continue;
        if ((*at)[group].matched) codes.emplace((*at)[group].str(), path.string());
      }
    }
  }
  return codes;
}

TEST(ErrorCodes, AreSortedAndUnique) {
  const auto rows = error_codes();
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &ErrorCode::code));
  EXPECT_EQ(std::ranges::adjacent_find(rows, {}, &ErrorCode::code), rows.end());
}

TEST(ErrorCodes, AreALetterAndThreeDigits) {
  const std::set<int> exit_codes{2, 3, 4, 70};
  for (const ErrorCode& row : error_codes()) {
    EXPECT_TRUE(std::regex_match(std::string(row.code), std::regex("[A-Z][0-9]{3}"))) << row.code;
    EXPECT_TRUE(exit_codes.contains(row.exit_code)) << row.code;
  }
}

TEST(ErrorCodes, SayWhatHappenedAndWhatToDo) {
  for (const ErrorCode& row : error_codes()) {
    ASSERT_FALSE(row.title.empty()) << row.code;
    EXPECT_NE(row.title.back(), '.') << row.code;
    ASSERT_FALSE(row.explanation.empty()) << row.code;
    EXPECT_EQ(row.explanation.back(), '.') << row.code;
  }
}

TEST(ErrorCodes, EveryCodeOfTheSourcesIsInTheTable) {
  for (const auto& [code, file] : codes_in_sources()) {
    EXPECT_NE(find_error_code(code), nullptr) << code << " in " << file;
  }
}

TEST(ErrorCodes, EveryCodeOfTheTableIsUsed) {
  const std::map<std::string, std::string> used = codes_in_sources();
  for (const ErrorCode& row : error_codes()) {
    EXPECT_TRUE(used.contains(std::string(row.code))) << row.code << " is never thrown";
  }
}

TEST(ErrorCodes, AreFoundByCode) {
  ASSERT_NE(find_error_code("W003"), nullptr);
  EXPECT_EQ(find_error_code("W003")->code, "W003");
  EXPECT_EQ(find_error_code("W03"), nullptr);
  EXPECT_EQ(find_error_code(""), nullptr);
}

}  // namespace
}  // namespace tv2onnx
