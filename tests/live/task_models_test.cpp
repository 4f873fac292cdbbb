// Whole modules of segmentation, video and optical flow, made by live_task_models.py: equal to
// PyTorch, or refused with the module that differs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "live/refused.h"
#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/export.h"
#include "tv2onnx/image.h"
#include "tv2onnx/quantize.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/segmenter.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/task_models";

Checkpoint file_of(const std::string& name) {
  return open_checkpoint(kFolder / name);
}

/// Within three times what torch's own float differs from double.
void expect_equal(const std::vector<float>& found, const std::vector<float>& wanted,
                  float tolerance) {
  ASSERT_EQ(found.size(), wanted.size());
  const auto [low, high] = std::ranges::minmax(wanted);
  ASSERT_GT(high - low, 1000 * tolerance);
  for (std::size_t k = 0; k < found.size(); ++k) {
    ASSERT_NEAR(found[k], wanted[k], tolerance) << k;
  }
}

class LiveTaskModels : public ::testing::TestWithParam<const char*> {};

TEST_P(LiveTaskModels, GiveTorchsOutputs) {
  const std::string name = GetParam();
  const Checkpoint module = file_of(name + ".pth");
  BuildOptions build{.preprocess = Preprocess::kNone};
  if (recognise(module).model()->task == Task::kSegmentation) build.outputs = OutputMode::kLogits;
  const ExportedModel model = export_to_memory(module, {.build = build});
  EXPECT_TRUE(model.report.warnings.empty());
  SessionOptions options;
  options.threads = 1;
  const Session session(model.bytes, name, options);
  const Checkpoint recorded = file_of(name + ".safetensors");
  std::vector<Tensor> inputs;
  for (const PortInfo& port : session.inputs()) inputs.push_back(*recorded.find(port.name));
  EXPECT_EQ(inputs.size() + 2 * session.outputs().size(), recorded.tensors.size());
  const std::vector<Tensor> outputs = session.run(inputs);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const std::string& output = session.outputs()[k].name;
    SCOPED_TRACE(output);
    expect_equal(to_float(outputs[k]), to_float(*recorded.find(output)),
                 to_float(*recorded.find(output + ".tolerance"))[0]);
  }
}

INSTANTIATE_TEST_SUITE_P(WholeModules, LiveTaskModels,
                         ::testing::Values("without_aux", "other_strides", "other_rates", "lraspp",
                                           "r2plus1d", "s3d", "mvit_v2", "raft_small",
                                           "raft_large"),
                         [](const auto& test) { return std::string(test.param); });

TEST(LiveTaskModels, ASegmentationInInt8IsJudgedByItsPixels) {
  const testing::TemporaryFolder folder;
  export_onnx(file_of("lraspp.pth"), folder / "lraspp.onnx", {});
  auto photos = testing::files_in(TV2ONNX_SOURCE_DIR "/examples/shapes/images");
  photos.resize(4);
  const QuantizeReport report =
      quantize(folder / "lraspp.onnx", photos, folder / "int8.onnx", {.recipe = Recipe::kAll});
  EXPECT_GT(report.convolutions, 50U);
  const Segmenter was(folder / "lraspp.onnx");
  const Segmenter is(folder / "int8.onnx");
  std::size_t pixels = 0;
  std::size_t same = 0;
  for (const std::size_t k : {1U, 3U}) {
    const Tensor photo = read_image(photos[k], {.ignore_exif = true});
    const std::vector<std::int64_t> expected = to_int64(was.run(photo)[0].labels);
    const std::vector<std::int64_t> found = to_int64(is.run(photo)[0].labels);
    pixels += expected.size();
    for (std::size_t p = 0; p < expected.size(); ++p) same += expected[p] == found[p] ? 1 : 0;
  }
  EXPECT_EQ(report.confident, pixels);
  EXPECT_EQ(report.kept, same);
  EXPECT_THAT(report.things, HasSubstr("pixels"));
  EXPECT_LT(same, pixels);
}

const testing::Refused kRefused[] = {
    {"own_resize", "classifier.5 is torch.nn.modules.upsampling.Upsample"},
    {"earlier_map", "backbone.return_layers is"},
    {"one_rate", "classifier.0.convs.2.0.padding is [12,12], torchvision has 24"},
    {"more_in_pooling", "classifier.0.convs.4.4 is torch.nn.modules.activation.Tanh"},
    {"hard_scale", "classifier.scale.2 is torch.nn.modules.activation.Hardsigmoid"},
    {"no_stride", "layer2.0.conv1.0.stride is [2,2,2], torchvision has [1,2,2]"},
    {"max_pooled", "avgpool is torch.nn.modules.pooling.AdaptiveMaxPool3d"},
    {"with_class", "blocks.3.attn.residual_with_cls_embed is true, torchvision has false"},
    {"wider", "corr_block.radius is 4, torchvision has 3"},
    {"affine", "convnormrelu1.1 is torch.nn.modules.normalization.GroupNorm"},
};

TEST(LiveTaskModelsRefused, NameTheModuleThatDiffers) {
  testing::expect_refused(kRefused, kFolder);
}

}  // namespace
}  // namespace tv2onnx
