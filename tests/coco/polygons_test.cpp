#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/pixel_masks.h"
#include "tv2onnx/coco.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::mask_of;
using testing::pixels_in;
using ::testing::SizeIs;

/// Whether the middle of a pixel lies inside, by the crossings to the left of it.
bool covers(const std::vector<Polygon>& polygons, std::int64_t x, std::int64_t y) {
  bool inside = false;
  for (const Polygon& polygon : polygons) {
    for (std::size_t k = 0; k < polygon.size(); k += 2) {
      const std::size_t next = (k + 2) % polygon.size();
      const auto [low, high] = std::minmax(polygon[k + 1], polygon[next + 1]);
      const bool crosses = polygon[k] == polygon[next] && polygon[k] <= x && low <= y && y < high;
      inside = inside != crosses;
    }
  }
  return inside;
}

std::vector<std::uint8_t> filled(const std::vector<Polygon>& polygons, const ImageSize& size) {
  std::vector<std::uint8_t> pixels;
  for (std::int64_t y = 0; y < size[0]; ++y) {
    for (std::int64_t x = 0; x < size[1]; ++x) pixels.push_back(covers(polygons, x, y) ? 1 : 0);
  }
  return pixels;
}

TEST(Polygons, OfAPixelAreItsCorners) {
  EXPECT_THAT(mask_polygons(mask_of({"#"}, 4, 2)),
              ElementsAre(ElementsAre(5, 2, 5, 3, 4, 3, 4, 2)));
}

TEST(Polygons, StraightEdgesHaveNoCorners) {
  EXPECT_THAT(mask_polygons(mask_of({"###", "###"})),
              ElementsAre(ElementsAre(3, 0, 3, 2, 0, 2, 0, 0)));
}

TEST(Polygons, OfNothingAreNone) {
  EXPECT_THAT(mask_polygons({0, 0, make_tensor({0, 0}, std::vector<std::uint8_t>())}), IsEmpty());
}

TEST(Polygons, FilledGiveTheMask) {
  const std::vector<std::vector<std::string>> shapes{
      {"#.#", ".#.", "#.#"},
      {"####", "#...", "#.##", "####"},
      {"..#..", ".###.", "#####", ".#.#.", "##.##"},
      {"#####", "...#.", "#####"},
      {"##.", "#.#", "###"},  // what is open to the outside at a corner is no hole
  };
  for (const auto& rows : shapes) {
    const PixelMask mask = mask_of(rows, 3, 1);
    EXPECT_EQ(filled(mask_polygons(mask), {8, 10}), pixels_in(mask, {8, 10})) << rows[0];
  }
}

TEST(Polygons, PixelsThatTouchAtACornerAreApart) {
  EXPECT_THAT(mask_polygons(mask_of({"#.", ".#"})), SizeIs(2));
}

TEST(Polygons, HolesAreLost) {
  const std::vector<Polygon> ring = mask_polygons(mask_of({"###", "#.#", "###"}));
  EXPECT_THAT(ring, ElementsAre(ElementsAre(3, 0, 3, 3, 0, 3, 0, 0)));
}

}  // namespace
}  // namespace tv2onnx
