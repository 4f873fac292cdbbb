// What transformers have beside layers: windows, positions, sizes that they are built for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "support/images_of_batch.h"
#include "tv2onnx/export.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using testing::builder_tensors;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TensorList;
using testing::with_designed_values;
using testing::without_values;

Session session_of(const Checkpoint& checkpoint) {
  SessionOptions options;
  options.threads = 1;
  const ExportOptions tensors{.build = {.preprocess = Preprocess::kNone}};
  return {export_to_memory(checkpoint, tensors).bytes, "model", options};
}

Tensor& tensor_of(Checkpoint& checkpoint, std::string_view name) {
  return std::ranges::find(checkpoint.tensors, name, &NamedTensor::name)->tensor;
}

TEST(Swin, ImagesOfABatchAreIndependentWhereWindowsArePadded) {
  const Session session = session_of(with_designed_values(builder_tensors().at("swin_t"), {}));
  testing::expect_independent(session, testing::designed_images(3, 41, 90), 3e-6);
}

TEST(SwinV2, WhatTheFileHasAsBiasOfTheKeysDoesNotCount) {
  Checkpoint checkpoint = with_designed_values(builder_tensors().at("swin_v2_t"), {});
  const Tensor image = testing::designed_images(1, 40, 48);
  const std::vector<float> before = to_float(session_of(checkpoint).run({image})[0]);
  Tensor& bias = tensor_of(checkpoint, "features.1.0.attn.qkv.bias");
  std::vector<float> values = to_float(bias);
  for (std::size_t k = values.size() / 3; k < 2 * values.size() / 3; ++k) values[k] += 5;
  bias = make_tensor(bias.shape, values);
  EXPECT_EQ(to_float(session_of(checkpoint).run({image})[0]), before);
  values[0] += 5;
  bias = make_tensor(bias.shape, values);
  EXPECT_NE(to_float(session_of(checkpoint).run({image})[0]), before);
}

TEST(Vit, AStemOfConvolutionsIsRefusedByName) {
  TensorList tensors = builder_tensors().at("vit_b_16");
  std::erase_if(tensors, [](const auto& tensor) { return tensor.first.starts_with("conv_proj"); });
  tensors.emplace_back("conv_proj.conv_bn_relu_0.0.weight", Shape{64, 3, 3, 3});
  for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
    tensors.emplace_back(std::string("conv_proj.conv_bn_relu_0.1.") + leaf, Shape{64});
  }
  tensors.emplace_back("conv_proj.conv_last.weight", Shape{768, 64, 1, 1});
  tensors.emplace_back("conv_proj.conv_last.bias", Shape{768});
  const Checkpoint checkpoint = without_values(tensors);
  for (const char* arch : {"auto", "vit_b_16"}) {
    EXPECT_THAT(message_of([&] { export_to_memory(checkpoint, {.arch = arch}); }),
                HasSubstr("stem of convolutions (conv_stem_configs)"))
        << arch;
  }
}

TEST(Swin, BuffersMustBeThoseOfTheWindows) {
  for (const auto& [builder, buffer] :
       {std::pair{"swin_t", "features.3.1.attn.relative_position_index"},
        std::pair{"swin_v2_t", "features.1.0.attn.relative_position_index"},
        std::pair{"swin_v2_t", "features.1.0.attn.relative_coords_table"},
        std::pair{"maxvit_t",
                  "blocks.0.layers.1.layers.grid_attention.attn_layer.1.relative_"
                  "position_index"}}) {
    Checkpoint checkpoint = without_values(builder_tensors().at(builder));
    Tensor& tensor = tensor_of(checkpoint, buffer);
    std::vector<float> values(static_cast<std::size_t>(tensor.size()), 3);
    tensor = make_tensor(tensor.shape, std::move(values));
    EXPECT_THAT(message_of([&] { export_to_memory(checkpoint, {.arch = builder}); }),
                AllOf(HasSubstr("W002"), HasSubstr(buffer), HasSubstr("windows of")))
        << builder;
  }
}

TEST(Vit, KeysOfTheFirstReleaseThatHadIt) {
  for (const char* builder : {"vit_b_16", "vit_h_14"}) {
    TensorList tensors = builder_tensors().at(builder);
    for (auto& [key, shape] : tensors) {
      for (const auto& [now, then] :
           {std::pair{"mlp.0.", "mlp.linear_1."}, std::pair{"mlp.3.", "mlp.linear_2."}}) {
        const std::size_t at = key.find(now);
        if (at != std::string::npos) key.replace(at, std::string_view(now).size(), then);
      }
    }
    const Recognition found = recognise(without_values(tensors));
    EXPECT_TRUE(found.complete);
    ASSERT_NE(found.model(), nullptr);
    EXPECT_EQ(found.model()->name, builder);
  }
}

TEST(Vit, ItsSizeIsThatOfItsPositions) {
  TensorList tensors = builder_tensors().at("vit_b_16");
  for (auto& [key, shape] : tensors) {
    if (key == "encoder.pos_embedding") shape[1] = 1 + 24 * 24;
  }
  const Recognition found = recognise(without_values(tensors));
  ASSERT_NE(found.model(), nullptr);
  EXPECT_EQ(found.model()->name, "vit_b_16");
  Graph graph(17);
  LoadReport report;
  const Checkpoint checkpoint = without_values(tensors);
  const WeightSource source = weights_of(checkpoint);
  found.model()->build(Scope(graph, source, report), Config(found.model()->options),
                       {.preprocess = Preprocess::kNone});
  EXPECT_EQ(*graph.info(graph.inputs()[0]).dims, (Dims{"batch", 3, 384, 384}));
}

std::string refused_size(const char* builder, std::int64_t height, std::int64_t width) {
  ExportOptions options;
  options.build.detection.size = {height, width};
  return message_of(
      [&] { export_to_memory(without_values(builder_tensors().at(builder)), options); });
}

TEST(FixedSizes, OnlyWhatTheNetworkCanBeBuiltFor) {
  EXPECT_THAT(refused_size("vit_b_16", 230, 230),
              AllOf(HasSubstr("U002"), HasSubstr("230x230"), HasSubstr("multiple of 16")));
  EXPECT_THAT(refused_size("vit_b_32", 224, 256), HasSubstr("a square"));
  EXPECT_THAT(refused_size("maxvit_t", 448, 224), HasSubstr("a square of a multiple of 224"));
  EXPECT_THAT(refused_size("maxvit_t", 256, 256), HasSubstr("multiple of 224"));
  EXPECT_THAT(refused_size("swin_t", 224, 224),
              AllOf(HasSubstr("U002"), HasSubstr("images of any size")));
}

TEST(FixedSizes, PhotosAreCroppedToIt) {
  TensorList tensors = builder_tensors().at("vit_b_16");
  for (auto& [key, shape] : tensors) {
    if (key == "encoder.pos_embedding") shape[1] = 1 + 24 * 24;
  }
  const Recognition found = recognise(without_values(tensors));
  EXPECT_TRUE(found.complete);
  const ExportOptions other{.overrides = {{"crop_size", {std::int64_t{224}}, "test"}}};
  EXPECT_THAT(message_of([&] { export_to_memory(without_values(tensors), other); }),
              AllOf(HasSubstr("U002"), HasSubstr("--crop-size 384"), HasSubstr("384x384")));
}

TEST(FixedSizes, WhatAStateDictDoesNotStoreIsSaid) {
  EXPECT_THAT(recognise(without_values(builder_tensors().at("maxvit_t"))).assumed,
              ElementsAre(AllOf(HasSubstr("224x224"), HasSubstr("--size 448x448"))));
  Checkpoint official = without_values(builder_tensors().at("maxvit_t"));
  official.file = "maxvit_t-bc5ab103.pth";
  EXPECT_TRUE(recognise(official).assumed.empty());
}

TEST(Transformers, UnderTheNameOfAnotherFamily) {
  for (const auto& [builder, arch] :
       {std::pair{"swin_t", "swin_v2_t"}, std::pair{"swin_v2_t", "swin_t"},
        std::pair{"swin_s", "swin_t"}, std::pair{"vit_b_16", "vit_b_32"},
        std::pair{"vit_b_16", "swin_b"}, std::pair{"maxvit_t", "efficientnet_b0"},
        std::pair{"resnet18", "maxvit_t"}}) {
    EXPECT_THAT(message_of([&] {
                  export_to_memory(without_values(builder_tensors().at(builder)), {.arch = arch});
                }),
                AllOf(HasSubstr("W004"), HasSubstr(std::string(builder) + ", not of " + arch)))
        << builder;
  }
}

}  // namespace
}  // namespace tv2onnx
