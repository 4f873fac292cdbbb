#include "contract/image_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "support/files.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;

const Dims kPlanes{Dim("batch"), Dim(3), Dim("height"), Dim("width")};
const Dims kPixels{Dim("batch"), Dim("height"), Dim("width"), Dim(3)};

struct Found {
  std::optional<ImageInput> contract;
  std::string text;
};

/// What is found in a graph whose input goes through `prepare` to a first layer.
Found found_in(DType dtype, const Dims& dims, const std::function<Value(Value)>& prepare,
               const std::map<std::string, std::string>& metadata = {}) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder / "model.onnx";
  Graph graph(17);
  graph.metadata = metadata;
  const Value x = prepare(graph.add_input("image", dtype, dims));
  graph.add_output(global_average_pool(x), "y", {Dim("batch"), Dim(3), Dim(1), Dim(1)});
  write_onnx(lower(graph), path, {});
  OnnxModel model = read_onnx_model(path);
  const View view(model);
  Found found{find_image_input(view), ""};
  if (found.contract) found.text = text_of(*found.contract);
  return found;
}

Value per_channel(Value like, std::vector<float> values) {
  return constant(*like.graph, make_tensor({3, 1, 1}, std::move(values)));
}

Value imagenet(Value x) {
  return (x - per_channel(x, {0.485F, 0.456F, 0.406F})) / per_channel(x, {0.229F, 0.224F, 0.225F});
}

TEST(ImageInput, SeesTorchvisionsTransform) {
  const Found found = found_in(DType::kFloat32, kPlanes, imagenet);
  ASSERT_TRUE(found.contract);
  EXPECT_EQ(found.contract->range, PixelRange::kUnit);
  EXPECT_EQ(found.contract->order, ChannelOrder::kRgb);
  EXPECT_TRUE(found.contract->normalises);
  EXPECT_NEAR(found.contract->mean[1], 0.456, 1e-6);
  EXPECT_NEAR(found.contract->deviation[2], 0.225, 1e-6);
  EXPECT_EQ(found.contract->evidence.size(), 2U);
  EXPECT_EQ(found.text, "float [batch, 3, height, width], RGB 0..1, normalised inside");
}

TEST(ImageInput, SeesADivisionInFrontOfIt) {
  const Found found =
      found_in(DType::kFloat32, kPlanes, [](Value x) { return imagenet(x / 255.0); });
  EXPECT_EQ(found.contract->range, PixelRange::kByte);
  EXPECT_NEAR(found.contract->mean[0], 0.485 * 255, 1e-3);
  EXPECT_NEAR(found.contract->deviation[0], 0.229 * 255, 1e-3);
}

TEST(ImageInput, SeesBgrByTheOrderOfTheMeans) {
  const Found bytes = found_in(DType::kFloat32, kPlanes, [](Value x) {
    return x - per_channel(x, {103.53F, 116.28F, 123.675F});
  });
  EXPECT_EQ(bytes.contract->range, PixelRange::kByte);
  EXPECT_EQ(bytes.contract->order, ChannelOrder::kBgr);
  const Found reversed = found_in(DType::kFloat32, kPlanes, [](Value x) {
    return imagenet(pick(x, {2, 1, 0}, 1));
  });
  EXPECT_EQ(reversed.contract->order, ChannelOrder::kBgr);
}

TEST(ImageInput, DoesNotGuess) {
  const Found nothing = found_in(DType::kFloat32, kPlanes, [](Value x) { return x; });
  EXPECT_EQ(nothing.contract->range, PixelRange::kUnknown);
  EXPECT_EQ(nothing.contract->order, ChannelOrder::kUnknown);
  EXPECT_THAT(nothing.text, HasSubstr("pixels of unknown range, not normalised inside"));
  const Found half = found_in(DType::kFloat32, kPlanes, [](Value x) { return (x - 0.5) / 0.5; });
  EXPECT_EQ(half.contract->range, PixelRange::kUnit);
  EXPECT_EQ(half.contract->order, ChannelOrder::kUnknown);
  const Dims four{Dim("batch"), Dim(4), Dim("height"), Dim("width")};
  EXPECT_FALSE(found_in(DType::kFloat32, four, [](Value x) { return x; }).contract);
}

TEST(ImageInput, SeesBytesWithChannelsLast) {
  const Found found = found_in(DType::kUInt8, kPixels, [](Value x) {
    return cast(transpose(x, {0, 3, 1, 2}), DType::kFloat32) / 255.0;
  });
  EXPECT_EQ(found.contract->range, PixelRange::kByte);
  EXPECT_EQ(found.contract->layout, Layout::kPixels);
  EXPECT_FALSE(found.contract->normalises);
}

TEST(ImageInput, BelievesOurMetadata) {
  const Found found = found_in(DType::kFloat32, kPlanes, [](Value x) { return x; },
                               {{"tv2onnx.input", "auto"}, {"tv2onnx.channel_order", "bgr"}});
  EXPECT_EQ(found.contract->range, PixelRange::kUnitOrByte);
  EXPECT_EQ(found.contract->order, ChannelOrder::kBgr);
}

}  // namespace
}  // namespace tv2onnx
