// Pixels that a graph makes of photos, against those of torchvision's transforms with Pillow.

#include "nn/photo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "support/errors.h"
#include "support/files.h"
#include "support/run_graph.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/nn/";
const std::string kPhotos = TV2ONNX_SOURCE_DIR "/examples/shapes/images/";

/// The upper left part of a photo, or all of it.
Tensor photo_of(const Json& row) {
  const Tensor photo = read_image(kPhotos + row["photo"].get<std::string>());
  if (row["part"].is_null()) return photo;
  const auto height = row["part"][0].get<std::int64_t>();
  const auto width = row["part"][1].get<std::int64_t>();
  const auto pixels = photo.as<std::uint8_t>();
  std::vector<std::uint8_t> part;
  for (std::int64_t y = 0; y < height; ++y) {
    const auto* begin = pixels.data() + y * photo.shape[2] * 3;
    part.insert(part.end(), begin, begin + width * 3);
  }
  return make_tensor({1, height, width, 3}, std::move(part));
}

PhotoSpec spec_of(const Json& row) {
  PhotoSpec spec;
  spec.resize = row["resize"].get<std::vector<std::int64_t>>();
  spec.crop = row["crop"].get<std::vector<std::int64_t>>();
  spec.bicubic = row["bicubic"];
  spec.antialias = row["antialias"];
  return spec;
}

/// A graph from bytes to pixels, channels last as the golden has them.
Session session_for(const PhotoSpec& spec, int opset) {
  Graph graph(opset);
  const Value input = graph.add_input("x", DType::kUInt8, {"batch", "height", "width", 3});
  const Value pixels = photo_pixels(input, spec);
  graph.add_output(transpose(pixels, {0, 2, 3, 1}), "pixels", {"batch", Dim(), Dim(), 3});
  testing::expect_no_double(graph);
  return testing::session_of(graph, testing::Optimise::kYes);
}

struct Difference {
  double most = 0;
  double share = 0;  ///< of pixels that differ
};

Difference difference(const std::vector<float>& found, const std::uint8_t* wanted) {
  Difference result;
  std::size_t differ = 0;
  for (std::size_t pixel = 0; pixel < found.size() / 3; ++pixel) {
    double most = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double distance = std::abs(found[3 * pixel + c] - wanted[3 * pixel + c]);
      most = std::max(most, distance);
    }
    result.most = std::max(result.most, most);
    differ += most > 0 ? 1 : 0;
  }
  result.share = 3.0 * static_cast<double>(differ) / static_cast<double>(found.size());
  return result;
}

struct Recorded {
  Json rows = Json::parse(testing::read_file(kGolden + "photos.json"));
  std::string pixels = testing::read_file(kGolden + "photos.bin");
};

class PhotoPixels : public ::testing::TestWithParam<int> {};

TEST_P(PhotoPixels, AreThoseOfPillow) {
  const Recorded recorded;
  std::size_t offset = 0;
  for (const Json& row : recorded.rows) {
    SCOPED_TRACE(row.dump());
    const Session session = session_for(spec_of(row), GetParam());
    const Tensor result = session.run({photo_of(row)})[0];
    ASSERT_EQ(result.shape, Shape({1, row["size"][0], row["size"][1], 3}));
    const std::vector<float> found = to_float(result);
    const auto* wanted = reinterpret_cast<const std::uint8_t*>(recorded.pixels.data()) + offset;
    const Difference seen = difference(found, wanted);
    // Without antialiasing both compute in float32, where ties fall to either side.
    EXPECT_LE(seen.share, row["antialias"] ? 0 : 0.02);
    EXPECT_LE(seen.most, row["antialias"] ? 0 : 1);
    offset += found.size();
  }
  EXPECT_EQ(offset, recorded.pixels.size());
}

INSTANTIATE_TEST_SUITE_P(Opsets, PhotoPixels, ::testing::Values(11, 13, 17, 18, 21));

/// The golden must notice these.
TEST(PhotoPixelsGolden, SeesMutations) {
  const Recorded recorded;
  const auto worst = [&](const auto& change) {
    double most = 0;
    std::size_t offset = 0;
    for (const Json& row : recorded.rows) {
      PhotoSpec spec = spec_of(row);
      change(spec);
      const auto size = row["size"][0].get<std::size_t>() * row["size"][1].get<std::size_t>() * 3;
      if (!spec.crop.empty() && (spec.antialias || !spec.bicubic)) {
        const std::vector<float> found = to_float(session_for(spec, 18).run({photo_of(row)})[0]);
        const auto* wanted = reinterpret_cast<const std::uint8_t*>(recorded.pixels.data()) + offset;
        if (found.size() == size) most = std::max(most, difference(found, wanted).most);
      }
      offset += size;
    }
    return most;
  };
  EXPECT_LE(worst([](PhotoSpec&) {}), 1);  // of the rows without antialiasing
  EXPECT_GT(worst([](PhotoSpec& spec) { spec.antialias = false; }), 10);
  EXPECT_GT(worst([](PhotoSpec& spec) { spec.bicubic = !spec.bicubic && spec.antialias; }), 5);
  EXPECT_GT(worst([](PhotoSpec& spec) {
              if (spec.resize.size() == 1) ++spec.resize[0];
            }),
            10);
}

TEST(PhotoPixels, ImagesOfABatchAreIndependent) {
  const Session session = session_for({.resize = {20}, .crop = {17}, .bicubic = true}, 18);
  const Tensor photo = read_image(kPhotos + "009.jpg");
  const auto bytes = photo.as<std::uint8_t>();
  std::vector<std::uint8_t> two(bytes.begin(), bytes.end());
  for (const std::uint8_t value : bytes) two.push_back(static_cast<std::uint8_t>(255 - value));
  const std::vector<float> alone = to_float(session.run({photo})[0]);
  Shape shape = photo.shape;
  shape[0] = 2;
  std::vector<float> both = to_float(session.run({make_tensor(shape, std::move(two))})[0]);
  ASSERT_EQ(both.size(), 2 * alone.size());
  both.resize(alone.size());
  EXPECT_EQ(both, alone);
}

TEST(PhotoPixels, OfBicubicWithoutAntialiasingAreRefused) {
  EXPECT_THAT(testing::message_of([] { session_for({.bicubic = true, .antialias = false}, 18); }),
              HasSubstr("bicubic interpolation without antialiasing"));
}

TEST(NormalisedPhoto, IsMinusMeanOverDeviation) {
  for (const int opset : {11, 18}) {
    Graph graph(opset);
    const Value input = graph.add_input("x", DType::kFloat32, {"batch", 3, "height", "width"});
    const PhotoSpec spec{.mean = {0.2, 0.4, 0.6}, .std = {0.5, 0.25, 2}};
    graph.add_output(normalised_photo(input, spec, 255), "y", {"batch", 3, Dim(), Dim()});
    const Tensor grey = make_tensor({1, 3, 1, 1}, std::vector<float>{51, 153, 255});
    const std::vector<float> found = to_float(testing::run_graph(graph, {grey})[0]);
    EXPECT_NEAR(found[0], 0, 1e-6);
    EXPECT_NEAR(found[1], 0.8, 1e-6);
    EXPECT_NEAR(found[2], 0.2, 1e-6);
  }
}

}  // namespace
}  // namespace tv2onnx
