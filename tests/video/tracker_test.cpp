#include "video/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Detection box(float x, float y, std::int64_t label = 1) {
  Detection one;
  one.box = {x, y, x + 10, y + 10};
  one.label = label;
  return one;
}

TEST(BoxOverlap, IsIntersectionOverUnion) {
  EXPECT_DOUBLE_EQ(box_overlap({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_DOUBLE_EQ(box_overlap({0, 0, 10, 10}, {5, 0, 15, 10}), 50.0 / 150);
  EXPECT_DOUBLE_EQ(box_overlap({0, 0, 10, 10}, {10, 0, 20, 10}), 0);
  EXPECT_DOUBLE_EQ(box_overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
  EXPECT_DOUBLE_EQ(box_overlap({5, 5, 1, 1}, {0, 0, 10, 10}), 0) << "upside down";
}

TEST(Tracker, ObjectsKeepTheirIds) {
  Tracker tracker;
  EXPECT_THAT(tracker.update({box(0, 0), box(100, 0)}), ElementsAre(1, 2));
  EXPECT_THAT(tracker.update({box(101, 0), box(1, 0)}), ElementsAre(2, 1));
  EXPECT_THAT(tracker.update({box(2, 0), box(50, 50)}), ElementsAre(1, 3));
  EXPECT_THAT(tracker.update({}), IsEmpty());
  EXPECT_THAT(tracker.update({box(102, 0)}), ElementsAre(2));
}

TEST(Tracker, TheLargestOverlapIsTakenFirst) {
  Tracker tracker;
  tracker.update({box(0, 0)});
  EXPECT_THAT(tracker.update({box(4, 0), box(1, 0)}), ElementsAre(2, 1));
}

TEST(Tracker, ClassesAreNotMixed) {
  Tracker tracker;
  tracker.update({box(0, 0, 1)});
  EXPECT_THAT(tracker.update({box(0, 0, 2)}), ElementsAre(2));
  EXPECT_THAT(tracker.update({box(0, 0, 1)}), ElementsAre(1));
}

TEST(Tracker, LittleOverlapIsAnotherObject) {
  Tracker tracker({.least = 0.3});
  tracker.update({box(0, 0)});
  EXPECT_THAT(tracker.update({box(5, 0)}), ElementsAre(1)) << "IoU 1/3";
  EXPECT_THAT(tracker.update({box(11, 0)}), ElementsAre(2)) << "IoU 1/4";
}

TEST(Tracker, WhatIsNotSeenForLongIsForgotten) {
  for (const std::size_t away : {2U, 3U}) {
    Tracker tracker({.patience = 2});
    tracker.update({box(0, 0)});
    for (std::size_t k = 0; k < away; ++k) tracker.update({});
    EXPECT_THAT(tracker.update({box(0, 0)}), ElementsAre(away == 2 ? 1 : 2));
  }
}

}  // namespace
}  // namespace tv2onnx
