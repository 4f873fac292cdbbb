// How photos are prepared for each of torchvision's weights: tests/gen/preparations.py.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nn/photo.h"
#include "support/files.h"
#include "support/run_graph.h"
#include "tv2onnx/image.h"
#include "zoo/official_weights.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::json;

const std::string kPhotos = TV2ONNX_SOURCE_DIR "/examples/shapes/images/";

const Json& recorded() {
  static const Json all =
      Json::parse(testing::read_file(TV2ONNX_SOURCE_DIR "/tests/golden/zoo/preparations.json"));
  return all;
}

/// A photo, or the upper left part of tiles of it.
Tensor photo_in(const Json& row) {
  const Tensor photo = read_image(kPhotos + row[0].get<std::string>());
  if (row[1].is_null()) return photo;
  const auto height = row[1][0].get<std::int64_t>();
  const auto width = row[1][1].get<std::int64_t>();
  const auto pixels = photo.as<std::uint8_t>();
  std::vector<std::uint8_t> part;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const std::int64_t pixel = y % photo.shape[1] * photo.shape[2] + x % photo.shape[2];
      part.insert(part.end(), &pixels[3 * pixel], &pixels[3 * pixel] + 3);
    }
  }
  return make_tensor({1, height, width, 3}, std::move(part));
}

/// FNV-1a of 8 bytes at a time, zeros behind the last.
std::string hash_of(const std::vector<float>& pixels) {
  std::vector<std::uint8_t> bytes(pixels.begin(), pixels.end());
  bytes.resize((bytes.size() + 7) / 8 * 8);
  std::uint64_t value = 0xCBF29CE484222325;
  for (std::size_t k = 0; k < bytes.size(); k += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, &bytes[k], 8);
    value = (value ^ word) * 0x100000001B3;
  }
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

/// What an exported file does with weights of that name.
PhotoSpec photo_for(const std::string& builder, const std::string& entry) {
  Config config(find_model(builder).options);
  for (const ImpliedSetting& setting : settings_of(official_weights(builder, entry))) {
    config.set(setting.name, setting.value, setting.origin);
  }
  return photo_of(config).value();
}

/// A row for each photo: height, width, hash.
Json prepared(const PhotoSpec& spec, const std::vector<Tensor>& photos) {
  Graph graph(kDefaultOpset);
  const Value input = graph.add_input("x", DType::kUInt8, {"batch", "height", "width", 3});
  const Value pixels = photo_pixels(input, spec);
  graph.add_output(transpose(pixels, {0, 2, 3, 1}), "pixels", {"batch", Dim(), Dim(), 3});
  const Session session = testing::session_of(graph, testing::Optimise::kYes);
  Json rows = Json::array();
  for (const Tensor& photo : photos) {
    const Tensor result = session.run({photo})[0];
    rows.push_back({result.shape[1], result.shape[2], hash_of(to_float(result))});
  }
  return rows;
}

TEST(Preparations, AreToTheBitThoseOfAllOfTorchvisionsWeights) {
  std::vector<Tensor> photos;
  for (const Json& row : recorded()["photos"]) photos.push_back(photo_in(row));
  std::map<int, PhotoSpec> known;
  for (const Json& row : recorded()["rows"]) {
    SCOPED_TRACE(row.dump());
    if (row["entry"] == "IMAGENET1K_FEATURES") continue;  // no classifier
    const PhotoSpec photo = photo_for(row["builder"], row["entry"]);
    EXPECT_EQ(Json(photo.mean), row["mean"]);
    EXPECT_EQ(Json(photo.std), row["std"]);
    const int number = row["preparation"];
    const auto [place, is_new] = known.emplace(number, photo);
    EXPECT_EQ(place->second.resize, photo.resize);
    EXPECT_EQ(place->second.crop, photo.crop);
    EXPECT_EQ(place->second.bicubic, photo.bicubic);
    if (!is_new) continue;
    EXPECT_EQ(prepared(photo, photos), recorded()["preparations"][number]);
  }
  EXPECT_EQ(recorded()["rows"].size(), 135U);
  EXPECT_EQ(known.size(), 28U);
}

}  // namespace
}  // namespace tv2onnx
