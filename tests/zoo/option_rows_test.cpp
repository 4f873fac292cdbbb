#include "zoo/option_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Options of a layer that nobody has.
struct BellSpec {
  double loudness = 0.5;
  std::int64_t count = 3;
  bool muffled = false;
  std::vector<double> tones{440, 660};
  std::array<double, 4> weights{1, 2, 3, 4};
  std::vector<std::vector<double>> rows{{1}, {2, 3}};
  std::vector<std::string> names{"a", "b"};
  std::optional<std::vector<double>> steps = {};
  std::optional<std::pair<std::int64_t, std::int64_t>> size = {};
  Setting either{std::int64_t{7}};
};

void option_rows(OptionRows& row, BellSpec& spec) {
  row("loudness", kinds::kProbability, "loudness", "how loud", spec.loudness);
  row("count", kinds::kCount, "count", "how many", spec.count);
  row("muffled", kinds::kFlag, "", "whether it is", spec.muffled);
  row("tones", kinds::kPositives, "tones", "which", spec.tones);
  row("weights", kinds::kFourPositives, "weights", "how heavy", spec.weights);
  row("rows", kinds::kListsOfPositives, "rows", "in rows", spec.rows);
  row("names", kinds::kNames, "names", "their names", spec.names);
  row("steps", kinds::kPositivesOrNone, "steps", "steps", spec.steps);
  row("size", kinds::kSizeOrNone, "size", "width and height", spec.size);
  row("either", kinds::kOneOrTwoCounts, "either", "one or two", spec.either);
}

TEST(OptionRows, TheMembersBeforeAreTheDefaults) {
  const std::vector<Option> options = declare_options(BellSpec{.loudness = 0.25});
  ASSERT_THAT(options, SizeIs(10));
  EXPECT_EQ(options[0].name, "loudness");
  EXPECT_EQ(to_json(options[0].standard), "0.25");
  EXPECT_EQ(options[0].help, "how loud");
  EXPECT_EQ(options[2].attribute, "");
  const Config config(options);
  EXPECT_EQ(to_json({config.all()}),
            R"({"loudness":0.25,"count":3,"muffled":false,"tones":[440.0,660.0],)"
            R"("weights":[1.0,2.0,3.0,4.0],"rows":[[1.0],[2.0,3.0]],"names":["a","b"],)"
            R"("steps":null,"size":null,"either":7})");
}

TEST(OptionRows, TheConfigFillsTheMembers) {
  const std::vector<Option> options = declare_options(BellSpec{});
  Config config(options);
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"loudness", "1"},
                                                        {"count", "5"},
                                                        {"muffled", "true"},
                                                        {"tones", "[1, 2.5]"},
                                                        {"weights", "[4, 3, 2, 1]"},
                                                        {"rows", "[[5]]"},
                                                        {"names", R"(["x"])"},
                                                        {"steps", "[8]"},
                                                        {"size", "[640, 480]"},
                                                        {"either", "[1, 2]"}}) {
    config.set(name, parse_json(value), "test");
  }
  const auto spec = read_options<BellSpec>(config);
  EXPECT_EQ(spec.loudness, 1);
  EXPECT_EQ(spec.count, 5);
  EXPECT_TRUE(spec.muffled);
  EXPECT_THAT(spec.tones, ElementsAre(1, 2.5));
  EXPECT_THAT(spec.weights, ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(spec.rows, ElementsAre(ElementsAre(5)));
  EXPECT_THAT(spec.names, ElementsAre("x"));
  EXPECT_EQ(spec.steps, std::vector<double>{8});
  EXPECT_EQ(spec.size, std::pair(std::int64_t{640}, std::int64_t{480}));
  EXPECT_EQ(to_json(spec.either), "[1,2]");
  EXPECT_EQ(config.origin("count"), "test");
}

TEST(OptionRows, APartHasItsPlaceBeforeItsNames) {
  const OptionPlace place{"church.bell", "tower.bell"};
  const std::vector<Option> options = declare_options(BellSpec{}, place);
  EXPECT_EQ(options[1].name, "church.bell.count");
  EXPECT_EQ(options[1].attribute, "tower.bell.count");
  Config config(options);
  config.set("church.bell.count", {std::int64_t{9}}, "test");
  EXPECT_EQ(read_options<BellSpec>(config, place).count, 9);
}

struct Case {
  std::string option;
  std::string value;
  std::string expected;  ///< in the message; "" if the value is fine
};

TEST(OptionKinds, RefuseWhatDoesNotFit) {
  const std::vector<Option> options = declare_options(BellSpec{});
  const std::vector<Case> cases{
      {"loudness", "1.5", "loudness must be 0 to 1, got "},
      {"loudness", "[0.5]", "loudness must be 0 to 1, got "},
      {"count", "0", "an integer of at least 1"},
      {"count", "2.5", "an integer of at least 1"},
      {"muffled", "1", "true or false"},
      {"tones", "[1, 0]", "a list of numbers above 0"},
      {"tones", "[]", "a list of numbers above 0"},
      {"weights", "[1, 2, 3]", "four numbers above 0"},
      {"rows", "[[1], []]", "for each feature map"},
      {"rows", "[1, 2]", "for each feature map"},
      {"names", "[1]", "a list of names"},
      {"steps", "null", ""},
      {"steps", "[-1]", "None, or a list"},
      {"size", "null", ""},
      {"size", "[640]", "None, or width and height"},
      {"size", "[640, 480.5]", "None, or width and height"},
      {"either", "3", ""},
      {"either", "[1, 2, 3]", "an integer of at least 1, or height and width"},
  };
  for (const Case& tested : cases) {
    Config config(options);
    const std::string message = testing::message_of(
        [&] { config.set(tested.option, parse_json(tested.value), "command line"); });
    EXPECT_THAT(message, HasSubstr(tested.expected)) << tested.option << " " << tested.value;
    EXPECT_EQ(message.empty(), tested.expected.empty()) << tested.option << " " << tested.value;
  }
}

TEST(OptionKinds, OfSizesAndLists) {
  const auto takes = [](const OptionKind& kind, const char* value) {
    return kind.accepts(parse_json(value));
  };
  EXPECT_TRUE(takes(kinds::kSize, "800"));
  EXPECT_TRUE(takes(kinds::kSize, "[640, 800]"));
  EXPECT_FALSE(takes(kinds::kSize, "0"));
  EXPECT_FALSE(takes(kinds::kSize, "[]"));
  EXPECT_TRUE(takes(kinds::kSamples, "-1"));
  EXPECT_FALSE(takes(kinds::kSamples, "-2"));
  EXPECT_TRUE(takes(kinds::kNonNegative, "0.0"));
  EXPECT_FALSE(takes(kinds::kNonNegative, "-1e-5"));
  EXPECT_TRUE(takes(kinds::kPerChannel, "[-1, 0]"));
  EXPECT_TRUE(takes(kinds::kPerChannel, "0"));
  EXPECT_FALSE(takes(kinds::kPerChannel, "[]"));
  EXPECT_TRUE(takes(kinds::kPositivePerChannel, "0.5"));
  EXPECT_FALSE(takes(kinds::kPositivePerChannel, "0"));
  EXPECT_FALSE(takes(kinds::kPositivePerChannel, "[0.2, 0]"));
  EXPECT_FALSE(takes(kinds::kPositivePerChannel, "1e-40"));
  EXPECT_TRUE(takes(kinds::kMeanAndStdOrNone, "null"));
  EXPECT_TRUE(takes(kinds::kMeanAndStdOrNone, "[0.5, 0.25]"));
  EXPECT_TRUE(takes(kinds::kMeanAndStdOrNone, "[[0, 0.1], [1, 2]]"));
  EXPECT_FALSE(takes(kinds::kMeanAndStdOrNone, "[0.5, 0]"));
  EXPECT_FALSE(takes(kinds::kMeanAndStdOrNone, "[0.4, 0.5, 0.6]"));
  EXPECT_TRUE(takes(kinds::kListsSomeEmpty, "[[2], []]"));
  EXPECT_FALSE(takes(kinds::kListsSomeEmpty, "[[2], [0]]"));
}

}  // namespace
}  // namespace tv2onnx
