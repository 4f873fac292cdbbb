#include "zoo/option_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/errors.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

/// What values of the kinds look like; a kind takes those that it accepts.
const std::vector<Setting>& values_of_all_kinds() {
  static const std::vector<Setting> values{
      {},
      {true},
      {false},
      {std::int64_t{7}},
      {std::int64_t{-1}},
      {0.0},
      {0.1},
      {1e-07},
      {1e30},
      {0.30000000000000004},
      {640.0},
      {std::string("bicubic")},
      {SettingList{{0.5}}},
      {SettingList{{std::int64_t{12}}}},
      {SettingList{{std::int64_t{480}}, {std::int64_t{640}}}},
      {SettingList{{0.485}, {0.456}, {0.406}}},
      {SettingList{{10.0}, {10.0}, {5.0}, {std::int64_t{5}}}},
      {SettingList{{false}, {true}, {true}}},
      {SettingList{{std::string("0")}}},
      {SettingList{{std::string("0")}, {std::string("pool")}}},
      {SettingList{{std::string("a,b")}, {std::string("[\"c\"]")}}},
      {SettingList{{SettingList{{std::int64_t{32}}}}, {SettingList{{64.5}, {128.0}}}}},
      {SettingList{{SettingList{{2.0}}}, {SettingList{}}}},
      {SettingList{{SettingList{{0.1}, {0.2}, {0.3}}}, {0.25}}}};
  return values;
}

TEST(OptionText, WhatIsPrintedOfAnyOptionIsRead) {
  int others = 0;
  for (const Model& model : models()) {
    for (const Option& option : model.options) {
      EXPECT_EQ(setting_from_text(option.name, to_json(option.standard)), option.standard)
          << model.name << " " << option.name << " " << to_json(option.standard);
      for (const Setting& value : values_of_all_kinds()) {
        if (!option.kind.accepts(value)) continue;
        ++others;
        EXPECT_EQ(setting_from_text(option.name, to_json(value)), value)
            << model.name << " " << option.name << " " << to_json(value);
      }
    }
  }
  EXPECT_GT(others, 1000);
}

TEST(OptionText, EveryKindTakesSomeOfTheValues) {
  for (const Model& model : models()) {
    for (const Option& option : model.options) {
      EXPECT_TRUE(std::ranges::any_of(values_of_all_kinds(), option.kind.accepts))
          << model.name << " " << option.name;
    }
  }
}

TEST(OptionText, NamesAndWordsNeedNoQuotes) {
  const std::string names = "box_roi_pool.featmap_names";
  EXPECT_EQ(to_json(setting_from_text(names, "0,pool")), R"(["0","pool"])");
  EXPECT_EQ(to_json(setting_from_text(names, "0")), R"(["0"])");
  EXPECT_EQ(to_json(setting_from_text(names, "null")), R"(["null"])") << "it takes no None";
  EXPECT_EQ(to_json(setting_from_text("interpolation", "bicubic")), R"("bicubic")");
  EXPECT_EQ(to_json(setting_from_text("bbox_reg_weights", "10,10,5,5")), "[10,10,5,5]");
  EXPECT_TRUE(setting_from_text("fixed_size", "None").is_none());
}

TEST(OptionText, WhatIsNoValueIsAnError) {
  EXPECT_THAT(message_of([] { setting_from_text("box_nms_thresh", "half"); }),
              HasSubstr("'half' is neither a number nor a list of numbers"));
  EXPECT_THAT(message_of([] { setting_from_text("bbox_reg_weights", "[10,10"); }),
              HasSubstr("--bbox-reg-weights"));
}

}  // namespace
}  // namespace tv2onnx
