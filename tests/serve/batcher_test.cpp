#include "serve/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <stdexcept>

namespace tv2onnx::serve {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

/// An image of one colour, which its result shall have as label.
Tensor image_of(std::uint8_t colour, std::int64_t width = 2) {
  return make_tensor({1, 1, width, 3},
                     std::vector<std::uint8_t>(static_cast<std::size_t>(width * 3), colour));
}

std::vector<Found> colours(const Tensor& images) {
  std::vector<Found> all;
  for (std::size_t k = 0; k < static_cast<std::size_t>(images.shape[0]); ++k) {
    const Tensor image = part_of(images, k);
    all.emplace_back(Detections{{.label = image.as<std::uint8_t>()[0]}});
  }
  return all;
}

std::int64_t label_of(const Finished& finished) {
  return std::get<Detections>(finished.found).front().label;
}

/// Runs that wait until they may go on.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
};

TEST(Batcher, EachGetsItsOwnAnswer) {
  Batcher batcher({.most = 4}, colours);
  std::vector<std::future<Finished>> all;
  for (std::uint8_t k = 0; k < 60; ++k) {
    all.push_back(std::async(std::launch::async, [&batcher, k] {
      return batcher.run([k] { return image_of(k, 1 + k % 3); });
    }));
  }
  for (std::uint8_t k = 0; k < 60; ++k) EXPECT_EQ(label_of(all[k].get()), k);
  EXPECT_EQ(batcher.waiting(), 0U);
}

TEST(Batcher, ImagesOfOneSizeRunTogetherAndNoMoreThanAllowed) {
  Gate gate;
  std::vector<std::int64_t> sizes;
  Batcher batcher({.most = 3, .wait = milliseconds(0)}, [&](const Tensor& images) {
    gate.opened.wait();
    sizes.push_back(images.shape[0]);
    return colours(images);
  });
  std::vector<std::future<Finished>> all;
  const auto add = [&](std::int64_t width) {
    const std::size_t before = all.size();
    all.push_back(std::async(std::launch::async, [&batcher, width] {
      return batcher.run([width] { return image_of(7, width); });
    }));
    while (before > 0 && batcher.waiting() < before) std::this_thread::sleep_for(milliseconds(1));
    while (before == 0 && batcher.waiting() > 0) std::this_thread::sleep_for(milliseconds(1));
  };
  add(2);
  std::this_thread::sleep_for(milliseconds(50));  // it runs alone
  for (const std::int64_t width : {2, 5, 2, 2, 2}) add(width);
  gate.open.set_value();
  std::size_t most = 0;
  for (auto& one : all) most = std::max(most, one.get().times.together);
  EXPECT_EQ(most, 3U);
  EXPECT_THAT(sizes, ElementsAre(1, 3, 1, 1));
  EXPECT_EQ(batcher.runs(), 4U);
}

TEST(Batcher, WaitsALittleForImagesThatAreBeingDecoded) {
  Batcher batcher({.most = 4, .wait = milliseconds(5000)}, colours);
  Gate gate;
  const auto decode_slowly = [&] {
    return batcher.run([&] {
      gate.opened.wait();
      return image_of(1);
    });
  };
  auto slow = std::async(std::launch::async, decode_slowly);
  auto other = std::async(std::launch::async, decode_slowly);
  std::this_thread::sleep_for(milliseconds(20));
  auto quick =
      std::async(std::launch::async, [&] { return batcher.run([] { return image_of(2); }); });
  std::this_thread::sleep_for(milliseconds(20));
  gate.open.set_value();
  EXPECT_EQ(quick.get().times.together, 2U);
  EXPECT_EQ(label_of(slow.get()), 1);
  EXPECT_EQ(label_of(other.get()), 1);
  // Nothing else is on its way, so nothing is waited for.
  const Finished alone = batcher.run([] { return image_of(3); });
  EXPECT_LT(alone.times.queued, milliseconds(4000));
}

/// So that the answers of some and the next images of their clients come while others run.
TEST(Batcher, HalfOfThoseThatAreThereRunTogether) {
  Gate gate;
  std::vector<std::int64_t> sizes;
  Batcher batcher({.most = 8, .wait = milliseconds(0)}, [&](const Tensor& images) {
    gate.opened.wait();
    sizes.push_back(images.shape[0]);
    return colours(images);
  });
  std::vector<std::future<Finished>> all;
  for (std::size_t k = 0; k < 7; ++k) {
    all.push_back(
        std::async(std::launch::async, [&] { return batcher.run([] { return image_of(1); }); }));
    while (batcher.waiting() < k) std::this_thread::sleep_for(milliseconds(1));
    if (k == 0) std::this_thread::sleep_for(milliseconds(50));  // it runs alone
  }
  gate.open.set_value();
  for (auto& one : all) one.get();
  EXPECT_THAT(sizes, ElementsAre(1, 3, 2, 1));
}

TEST(Batcher, WhatFailsTogetherIsTriedOneByOne) {
  Gate gate;
  Batcher batcher({.most = 4}, [&](const Tensor& images) {
    gate.opened.wait();
    std::vector<Found> all = colours(images);
    for (const Found& found : all) {
      if (std::get<Detections>(found).front().label == 9) throw std::runtime_error("nine");
    }
    return all;
  });
  std::vector<std::future<Finished>> all;
  for (const std::uint8_t colour : {1, 2, 9, 3}) {
    all.push_back(std::async(std::launch::async, [&batcher, colour] {
      return batcher.run([colour] { return image_of(colour); });
    }));
  }
  std::this_thread::sleep_for(milliseconds(50));
  gate.open.set_value();
  EXPECT_EQ(label_of(all[0].get()), 1);
  EXPECT_EQ(label_of(all[1].get()), 2);
  EXPECT_THROW(all[2].get(), std::runtime_error);
  EXPECT_EQ(label_of(all[3].get()), 3);
}

TEST(Batcher, AnImageThatCannotBeDecodedIsItsOwnProblem) {
  Batcher batcher({}, colours);
  EXPECT_THROW(batcher.run([]() -> Tensor { throw std::runtime_error("no image"); }),
               std::runtime_error);
  EXPECT_EQ(label_of(batcher.run([] { return image_of(4); })), 4);
}

TEST(Batcher, OtherCallsRunAlone) {
  Batcher batcher({}, colours);
  const Finished finished = batcher.call([] { return std::vector{image_of(5)}; });
  EXPECT_EQ(std::get<std::vector<Tensor>>(finished.found).size(), 1U);
  EXPECT_THROW(batcher.call([]() -> std::vector<Tensor> { throw std::runtime_error("bad"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace tv2onnx::serve
