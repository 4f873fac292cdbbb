#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

const Tensor& input_of(const std::vector<InputCase>& cases, std::string_view name) {
  return std::ranges::find(cases, name, &InputCase::name)->input;
}

std::vector<std::string> names_of(const std::vector<InputCase>& cases) {
  std::vector<std::string> names;
  for (const InputCase& one : cases) names.push_back(one.name);
  return names;
}

TEST(StandardCases, HoldWhatMatters) {
  const std::vector<InputCase> cases = standard_cases({});
  EXPECT_THAT(names_of(cases), IsSupersetOf({"scene_100x100", "scene_375x500", "scene_427x640",
                                             "scene_375x1242", "scene_1080x1920", "blank", "noise",
                                             "range_0_255", "batch_2", "batch_3"}));
  EXPECT_THAT(input_of(cases, "scene_375x1242").shape, ElementsAre(1, 375, 1242, 3));
  EXPECT_EQ(input_of(cases, "batch_2").shape[0], 2);
  EXPECT_EQ(input_of(cases, "batch_3").shape[0], 3);
}

TEST(StandardCases, ScenesAreNotAlikeAndNotFlat) {
  const std::vector<InputCase> cases = standard_cases({.quick = true});
  const auto pixels = input_of(cases, "batch_2").as<std::uint8_t>();
  const auto half = static_cast<std::ptrdiff_t>(pixels.size() / 2);
  EXPECT_FALSE(std::equal(pixels.begin(), pixels.begin() + half, pixels.begin() + half));
  const std::set<std::uint8_t> values(pixels.begin(), pixels.begin() + half);
  EXPECT_GT(values.size(), 50U);
}

TEST(StandardCases, BlankNoiseAndRangeAreWhatTheySay) {
  const std::vector<InputCase> cases = standard_cases({.quick = true});
  const auto blank = input_of(cases, "blank").as<std::uint8_t>();
  EXPECT_TRUE(std::ranges::all_of(blank, [](std::uint8_t value) { return value == 0; }));
  const auto noise = input_of(cases, "noise").as<std::uint8_t>();
  EXPECT_EQ(std::set<std::uint8_t>(noise.begin(), noise.end()).size(), 256U);
  const Tensor& range = input_of(cases, "range_0_255");
  EXPECT_EQ(range.dtype, DType::kFloat32);
  EXPECT_GT(std::ranges::max(range.as<float>()), 200);
}

TEST(StandardCases, AreTheSameEveryTime) {
  const std::vector<InputCase> first = standard_cases({.quick = true});
  const std::vector<InputCase> second = standard_cases({.quick = true});
  ASSERT_EQ(names_of(first), names_of(second));
  for (std::size_t k = 0; k < first.size(); ++k) {
    EXPECT_EQ(contiguous_bytes(first[k].input), contiguous_bytes(second[k].input));
  }
}

TEST(StandardCases, KeepToTheOnlySizeAFileTakes) {
  for (const InputCase& one : standard_cases({.size = ImageSize{30, 40}})) {
    const bool planar = one.input.dtype == DType::kFloat32;
    EXPECT_EQ(one.input.shape[planar ? 2 : 1], 30) << one.name;
    EXPECT_EQ(one.input.shape[planar ? 3 : 2], 40) << one.name;
  }
}

TEST(StandardCases, TakePhotosInTurn) {
  const std::vector<Tensor> photos{make_tensor({1, 2, 2, 3}, std::vector<std::uint8_t>(12, 10)),
                                   make_tensor({1, 4, 3, 3}, std::vector<std::uint8_t>(36, 200))};
  const std::vector<InputCase> cases = standard_cases({.quick = true, .photos = photos});
  EXPECT_EQ(input_of(cases, "photo_100x100").as<std::uint8_t>()[0], 10);
  EXPECT_EQ(input_of(cases, "photo_150x200").as<std::uint8_t>()[0], 200);
  EXPECT_THAT(input_of(cases, "photo_150x200").shape, ElementsAre(1, 150, 200, 3));
}

TEST(StandardCases, BatchOfASinglePhotoHasDifferentImages) {
  const std::vector<Tensor> photos{
      make_tensor({1, 1, 2, 3}, std::vector<std::uint8_t>{0, 0, 0, 250, 250, 250})};
  const std::vector<InputCase> cases = standard_cases({.quick = true, .photos = photos});
  for (const char* name : {"batch_2", "batch_3"}) {
    const auto pixels = input_of(cases, name).as<std::uint8_t>();
    EXPECT_NE(pixels.front(), pixels[pixels.size() - 3 * input_of(cases, name).shape[2]]) << name;
  }
}

}  // namespace
}  // namespace tv2onnx
