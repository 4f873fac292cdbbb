#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include "support/files.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

/// Every code that the sources name, with one file that does.
std::map<std::string, std::string> codes_in_sources() {
  std::map<std::string, std::string> codes;
  const std::regex literal(
      R"re(\.code = "([A-Z][^"]*)"|error\[([A-Z][0-9]{3})\]|"([A-Z][0-9]{2,3})")re");
  for (const auto& entry : fs::recursive_directory_iterator(TV2ONNX_SOURCE_DIR "/src")) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file() || path.filename() == "error_codes.cpp") continue;
    const std::string text = testing::read_file(path);
    for (std::sregex_iterator at(text.begin(), text.end(), literal), end; at != end; ++at) {
      for (std::size_t group = 1; group < at->size(); ++group) {
        if ((*at)[group].matched) codes.emplace((*at)[group].str(), path.string());
      }
    }
  }
  return codes;
}

/// A letter, then two digits for a finding of the doctor or three for an error.
std::pair<char, int> parts_of(const ErrorCodeRow& row) {
  const std::string name(row.code.name());
  return {name[0], std::stoi(name.substr(1))};
}

TEST(ErrorCodes, AreSortedAndUnique) {
  EXPECT_EQ(std::ranges::adjacent_find(error_codes(), std::ranges::greater_equal(), parts_of),
            error_codes().end());
}

TEST(ErrorCodes, AreALetterAndDigits) {
  const std::set<int> exit_codes{2, 3, 4, 70};
  for (const ErrorCodeRow& row : error_codes()) {
    const std::string name(row.code.name());
    const bool finding = row.exit_code < 2;
    EXPECT_TRUE(std::regex_match(name, std::regex(finding ? "D[0-9]{2}" : "[A-Z][0-9]{3}")))
        << name;
    EXPECT_TRUE(finding || exit_codes.contains(row.exit_code)) << name;
  }
}

TEST(ErrorCodes, AreComparedAsValues) {
  constexpr ErrorCode kCode = "W003";
  static_assert(kCode == "W003" && kCode != "W001" && !kCode.empty());
  static_assert(ErrorCode().empty() && ErrorCode().name().empty());
  EXPECT_EQ(kCode.name(), "W003");
  const Error error({.code = kCode, .found = "no match"});
  EXPECT_TRUE(error.code() == "W003");
  EXPECT_EQ(error.exit_code(), 3);
}

TEST(ErrorCodes, SayWhatHappenedAndWhatToDo) {
  for (const ErrorCodeRow& row : error_codes()) {
    ASSERT_FALSE(row.title.empty()) << row.code.name();
    EXPECT_NE(row.title.back(), '.') << row.code.name();
    ASSERT_FALSE(row.explanation.empty()) << row.code.name();
    EXPECT_EQ(row.explanation.back(), '.') << row.code.name();
  }
}

TEST(ErrorCodes, EveryCodeOfTheTableIsUsed) {
  const std::map<std::string, std::string> used = codes_in_sources();
  for (const ErrorCodeRow& row : error_codes()) {
    EXPECT_TRUE(used.contains(std::string(row.code.name())))
        << row.code.name() << " is never thrown";
  }
}

TEST(ErrorCodes, AreFoundByCode) {
  ASSERT_NE(find_error_code("W003"), nullptr);
  EXPECT_EQ(find_error_code("W003")->code.name(), "W003");
  EXPECT_EQ(find_error_code("W03"), nullptr);
  EXPECT_EQ(find_error_code(""), nullptr);
}

}  // namespace
}  // namespace tv2onnx
