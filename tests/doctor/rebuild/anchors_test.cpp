#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "doctor/rebuild/settings.h"
#include "support/foreign_model.h"

namespace tv2onnx::doctor {
namespace {

using testing::ForeignModel;

/// AnchorGenerator.generate_anchors of torchvision.
std::vector<float> cell(const std::vector<double>& sizes, const std::vector<double>& ratios) {
  std::vector<float> corners;
  for (const double ratio : ratios) {
    const float height = std::sqrt(static_cast<float>(ratio));
    const float width = 1 / height;
    for (const double size : sizes) {
      const float w = std::nearbyint(width * static_cast<float>(size) / 2);
      const float h = std::nearbyint(height * static_cast<float>(size) / 2);
      corners.insert(corners.end(), {-w, -h, w, h});
    }
  }
  return corners;
}

void add_level(ForeignModel& m, const std::string& name, const std::vector<float>& corners) {
  const auto count = static_cast<std::int64_t>(corners.size() / 4);
  m.node("Add", {"positions" + name, m.weight("anchors" + name, {1, count, 4}, corners)},
         "shifted" + name);
}

std::string text(const FoundSettings& found, std::string_view path) {
  for (const FoundSetting& setting : found) {
    if (setting.path == path) return to_json(setting.value);
  }
  return "";
}

TEST(FindAnchors, FindsWhatTheBuildersHave) {
  ForeignModel m;
  add_level(m, "0", cell({32, 64, 128, 256, 512}, {0.5, 1, 2}));
  add_level(m, "1", cell({32}, {0.5, 1, 2}));
  add_level(m, "2", cell({128, 161, 203}, {0.5, 1, 2}));
  add_level(m, "3", cell({8}, {1}));
  FoundSettings found;
  find_anchors(View(m.model), "rpn.anchor_generator", found);
  EXPECT_EQ(text(found, "rpn.anchor_generator.aspect_ratios"),
            "[[0.5,1.0,2.0],[0.5,1.0,2.0],[0.5,1.0,2.0],[1.0]]");
  const Setting sizes = parse_json(text(found, "rpn.anchor_generator.sizes"));
  ASSERT_NE(sizes.list(), nullptr);
  EXPECT_EQ(to_json((*sizes.list())[0]), "[32.0,64.0,128.0,256.0,512.0]");
}

/// Other numbers may be found, but they must give the same corners.
TEST(FindAnchors, GivesTheSameCorners) {
  const std::vector<float> corners = cell({24.5, 60, 101}, {0.7, 1.4});
  ForeignModel m;
  add_level(m, "0", corners);
  FoundSettings found;
  find_anchors(View(m.model), "anchor_generator", found);
  ASSERT_EQ(found.size(), 2U);
  const auto numbers = [](const Setting& setting) {
    std::vector<double> values;
    for (const Setting& part : *(*setting.list())[0].list()) part.number(values.emplace_back());
    return values;
  };
  EXPECT_EQ(cell(numbers(found[0].value), numbers(found[1].value)), corners);
}

TEST(FindAnchors, LeavesOtherConstantsAlone) {
  ForeignModel m;
  add_level(m, "0", {0, 1, 2, 3});
  FoundSettings found;
  find_anchors(View(m.model), "anchor_generator", found);
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace tv2onnx::doctor
