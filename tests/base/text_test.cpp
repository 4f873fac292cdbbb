#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace tv2onnx {
namespace {

TEST(Text, NearestNameFindsTyposAndNothingElse) {
  constexpr auto kNames = std::to_array<std::string_view>({"export", "inspect", "verify"});
  EXPECT_EQ(nearest_name("exprot", kNames), "export");
  EXPECT_EQ(nearest_name("verfy", kNames), "verify");
  EXPECT_EQ(nearest_name("inspect", kNames), "inspect");
  EXPECT_EQ(nearest_name("frobnicate", kNames), "");
  EXPECT_EQ(nearest_name("", kNames), "");
  EXPECT_EQ(nearest_name("export", {}), "");
}

TEST(Text, ABeginningMeansTheShortestThatGoesOn) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"fasterrcnn_mobilenet_v3_large_320_fpn", "fasterrcnn_mobilenet_v3_large_fpn", "export"});
  EXPECT_EQ(nearest_name("fasterrcnn_mobilenet", kNames), "fasterrcnn_mobilenet_v3_large_fpn");
  EXPECT_EQ(nearest_name("fa", kNames), "");
}

TEST(Text, WordsAreQuotedForAShell) {
  EXPECT_EQ(shell_quoted("dir/pets-1.pth"), "dir/pets-1.pth");
  EXPECT_EQ(shell_quoted("my pets.pth"), "'my pets.pth'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("$(rm)"), "'$(rm)'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(Text, CountsHaveAPlural) {
  EXPECT_EQ(counted(1, "image"), "1 image");
  EXPECT_EQ(counted(0, "image"), "0 images");
  EXPECT_EQ(counted(3, "image"), "3 images");
}

TEST(Text, TheJsonLibrarysOwnCodesAreLeftOut) {
  EXPECT_EQ(json_problem("[json.exception.parse_error.101] parse error at line 1"),
            "parse error at line 1");
  EXPECT_EQ(json_problem("other"), "other");
}

TEST(Text, SizesHaveOneDecimal) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1024), "1.0 KiB");
  EXPECT_EQ(size_text(77'700'000), "74.1 MiB");
  EXPECT_EQ(size_text(1024ULL * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(size_text(3ULL << 30), "3.0 GiB");
  EXPECT_EQ(size_text(UINT64_MAX), "16777216.0 TiB");
}

TEST(Text, PrintableEscapesWhatATerminalObeys) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("a\x1b[31mb\n\x7f"), "a\\x1b[31mb\\x0a\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // CSI as a C1 control character
}

TEST(Text, PrintableKeepsUtf8AndEscapesTheRest) {
  const std::string_view valid = "gr\xc3\xbc\xc3\x9f \xe7\x8c\xab \xf0\x9f\x90\x88";
  EXPECT_EQ(printable(valid), valid);
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xe7\x8c"), "\\xe7\\x8c");                    // cut short
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80");                    // overlong
  EXPECT_EQ(printable("\xe0\x80\x80"), "\\xe0\\x80\\x80");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST(Text, PrintableCutsLongText) {
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("abc", 3), "abc");
}

TEST(Text, TablesAlignByWhatIsShown) {
  EXPECT_EQ(table_text({{"NAME", "N"}, {"k\xc3\xa4se", "10"}, {"x", "7"}}),
            "NAME  N\nk\xc3\xa4se  10\nx     7\n");
  EXPECT_EQ(table_text({}), "");
  EXPECT_EQ(table_text({{"only"}, {"a", "b"}}), "only\na     b\n");
}

}  // namespace
}  // namespace tv2onnx
