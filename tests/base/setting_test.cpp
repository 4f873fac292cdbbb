#include "tv2onnx/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using testing::error_of;
using ::testing::HasSubstr;
using testing::message_of;

TEST(Setting, JsonKeepsIntegersAndFloatsApart) {
  const Setting value = parse_json(R"({"a": [1, 1.0, -2], "b": {"c": null, "d": true}, "e": "x"})");
  const SettingList& list = *value.find("a")->list();
  EXPECT_EQ(*list[0].integer(), 1);
  EXPECT_EQ(list[1].integer(), nullptr);
  EXPECT_EQ(*list[2].integer(), -2);
  EXPECT_TRUE(value.find("b")->find("c")->is_none());
  EXPECT_TRUE(*value.find("b")->find("d")->boolean());
  EXPECT_EQ(to_json(value), R"({"a":[1,1.0,-2],"b":{"c":null,"d":true},"e":"x"})");
  EXPECT_EQ(parse_json(to_json(value)), value);
}

TEST(Setting, KeysStayInFileOrder) {
  EXPECT_EQ(to_json(parse_json(R"({"z": 1, "a": 2})")), R"({"z":1,"a":2})");
}

TEST(Setting, NumberTakesBothKinds) {
  double out = 0;
  EXPECT_TRUE(Setting{std::int64_t{3}}.number(out));
  EXPECT_EQ(out, 3);
  EXPECT_TRUE(Setting{0.5}.number(out));
  EXPECT_EQ(out, 0.5);
  EXPECT_FALSE(Setting{std::string("3")}.number(out));
  EXPECT_FALSE(Setting{true}.number(out));
  EXPECT_EQ(out, 0.5);
}

TEST(Setting, FindOfWhatIsNoDictIsNull) {
  EXPECT_EQ(parse_json("[1]").find("a"), nullptr);
  EXPECT_EQ(parse_json(R"({"a": 1})").find("b"), nullptr);
}

TEST(Setting, NumbersThatJsonHasNotBecomeStrings) {
  EXPECT_EQ(to_json({std::numeric_limits<double>::infinity()}), R"("inf")");
  EXPECT_EQ(to_json({-std::numeric_limits<double>::infinity()}), R"("-inf")");
  EXPECT_EQ(to_json({std::nan("")}), R"("nan")");
}

TEST(Setting, DoublesSurviveTheRoundTrip) {
  for (const double value : {0.1, 1e-5, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0}) {
    EXPECT_EQ(parse_json(to_json({value})), Setting{value});
  }
}

TEST(Setting, WholeNumbersAreHeldExactlyOrRefused) {
  EXPECT_EQ(*parse_json("9223372036854775807").integer(), INT64_MAX);
  EXPECT_EQ(*parse_json("-9223372036854775808").integer(), INT64_MIN);
  for (const char* text : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                           "-9223372036854775809", "[1, {\"a\": 100000000000000000000000000}]"}) {
    EXPECT_THAT(message_of([&] { parse_json(text); }), HasSubstr("out of range")) << text;
  }
  double out = 0;
  EXPECT_TRUE(parse_json("1e300").number(out));
  EXPECT_TRUE(parse_json("9223372036854775808.0").number(out));
}

TEST(Setting, AKeyThatComesTwiceIsRefusedInShortAndLongDicts) {
  for (const int count : {1, 2, 15, 16, 17, 18, 100}) {
    std::string text = "{";
    for (int k = 0; k < count; ++k) text += "\"key " + std::to_string(k) + "\": {\"key 0\": 1}, ";
    EXPECT_EQ(parse_json(text + "\"last\": 1}").dict()->size(), count + 1U);
    for (const int twice : {0, count / 2, count - 1}) {
      const std::string key = "key " + std::to_string(twice);
      EXPECT_THAT(message_of([&] { parse_json(text + "\"" + key + "\": 1}"); }),
                  HasSubstr("the key '" + key + "' comes twice"));
    }
  }
}

TEST(Setting, InvalidUtf8IsReplacedNotThrown) {
  EXPECT_EQ(to_json({std::string("a\xFF")}), "\"a\xEF\xBF\xBD\"");
}

TEST(Setting, ParseErrorsTellTheOffset) {
  const auto error = error_of([] { parse_json("[1, }"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code().name(), "U005");
  EXPECT_EQ(error->parts().where.offset, 4U);
  EXPECT_EQ(code_of([] { parse_json(""); }), "U005");
  EXPECT_EQ(code_of([] { parse_json("[1] 2"); }), "U005");
  EXPECT_EQ(code_of([] { parse_json("1 2"); }), "U005");
  EXPECT_EQ(code_of([] { parse_json("\"\xFF\""); }), "U005");
}

TEST(Setting, DeepNestingIsRefusedNotRecursedInto) {
  const auto error = error_of([] { parse_json(std::string(2'000'000, '[')); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code().name(), "U005");
  EXPECT_THAT(error->what(), HasSubstr("nested"));
  EXPECT_EQ(code_of([] { parse_json(std::string(60, '[') + std::string(60, ']')); }), "");
}

}  // namespace
}  // namespace tv2onnx
