#include "base/text_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <regex>
#include <string>

#include "doctor/log/patterns.h"
#include "support/files.h"

namespace tv2onnx {
namespace {

using Groups = std::vector<std::string>;

Groups ours(std::string_view expression, std::string_view text) {
  const auto found = TextPattern(expression).search(text);
  return found ? Groups(found->begin(), found->end()) : Groups{};
}

Groups of_std(std::string_view expression, const std::string& text) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(std::string(expression)))) return {};
  return {found.begin(), found.end()};
}

TEST(TextPattern, AnswersAsStdRegexDoes) {
  const auto expressions = std::to_array<const char*>(
      {"a",          "ab*c",      "ab*?c",     "(a|ab)(c|bcd)", "(\\w+)@(\\w+)\\.com",
       "[^a-c\\d]+", "\\bcat\\b", "x{2,3}",    "x{2,3}?",       "x{2}",
       "(?:ab)+",

       "",           "a.c",       "[\\s\\S]c", "(a)|(b)",       "((a)|b)+",
       "\\d{2,}",    "[-a]",      "[a-]",      "\\(\\[\\{",     "a\\nb"});
  const auto texts = std::to_array<std::string>(
      {"", "a", "abbbc", "abcd", "me@here.com you@there.com", "cat concat cat.", "xxxxx", "ababab",
       "aab", "a\nc", "b", "ba", "12345 7", "-", "([{", "a\nb", "]", "abc-", "\xC3\xA4 a"});
  for (const char* expression : expressions) {
    for (const std::string& text : texts) {
      EXPECT_EQ(ours(expression, text), of_std(expression, text)) << expression << " in " << text;
    }
  }
}

TEST(TextPattern, TheDoctorsExpressionsAnswerAsStdRegexDoes) {
  const std::string messages =
      testing::read_file(TV2ONNX_SOURCE_DIR "/tests/doctor/log_messages.tsv");
  std::size_t matches = 0;
  for (const doctor::LogTable& table : doctor::log_tables()) {
    for (const doctor::LogPattern& pattern : table.patterns) {
      if (pattern.regex.empty()) continue;
      const std::size_t needle = messages.find(pattern.needle);
      const std::size_t begin = needle == std::string::npos || needle < 700 ? 0 : needle - 700;
      const std::string window = messages.substr(begin, 2200);
      const Groups found = ours(pattern.regex, window);
      EXPECT_EQ(found, of_std(pattern.regex, window)) << pattern.regex;
      matches += found.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(matches, 50U);
}

TEST(TextPattern, SearchesOnFromAPlace) {
  const TextPattern pattern(R"((\d)(\w)?)");
  EXPECT_THAT(*pattern.search("a1b 2"), ::testing::ElementsAre("1b", "1", "b"));
  EXPECT_THAT(*pattern.search("a1b 2", 2), ::testing::ElementsAre("2", "2", ""));
  EXPECT_FALSE(pattern.search("a1b 2", 5).has_value());
}

TEST(TextPattern, TakesLongTextsAndWhatIsNoExpression) {
  EXPECT_TRUE(TextPattern("b").search(std::string(1 << 20, 'a') + "b").has_value());
  EXPECT_TRUE(TextPattern(R"([\s\S]*b)").search(std::string(1 << 16, 'a') + "b").has_value());
  for (const char* broken : {"(", "[", "\\", "a{", "*", "a)", "(?:", "[a", "{2}", "|"}) {
    EXPECT_NO_THROW(TextPattern(broken).search("a(b[c*d{2}"));
  }
}

}  // namespace
}  // namespace tv2onnx
