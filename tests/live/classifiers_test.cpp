// Whole modules of classifiers, made by live_classifiers.py: equal to PyTorch, or refused with the
// module that differs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "support/errors.h"
#include "tv2onnx/export.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/classifiers";

Checkpoint file_of(const std::string& name) {
  return open_checkpoint(kFolder / name);
}

class LiveClassifiers : public ::testing::TestWithParam<const char*> {};

TEST_P(LiveClassifiers, GiveTorchsLogits) {
  const std::string name = GetParam();
  const Checkpoint module = file_of(name + ".pth");
  const ExportedModel model = export_to_memory(module, {});
  EXPECT_EQ(model.report.classes, 5);
  EXPECT_TRUE(model.report.warnings.empty());
  SessionOptions options;
  options.threads = 1;
  const Session session(model.bytes, name, options);
  const Checkpoint recorded = file_of(name + ".safetensors");
  const std::vector<float> found = to_float(session.run({*recorded.find("input")})[0]);
  const std::vector<float> wanted = to_float(*recorded.find("logits"));
  ASSERT_EQ(found.size(), wanted.size());
  const auto [low, high] = std::ranges::minmax(wanted);
  ASSERT_GT(high - low, 0);
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_NEAR(found[k], wanted[k], 5e-5 * (high - low)) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(WholeModules, LiveClassifiers,
                         ::testing::Values("alexnet", "squeezenet", "densenet", "googlenet",
                                           "inception", "mobilenet_v2", "quantizable",
                                           "mobilenet_v3", "shufflenet", "mnasnet", "efficientnet",
                                           "efficientnet_v2", "regnet", "convnext", "swin",
                                           "swin_v2", "vit", "maxvit", "tanh_head", "small_head",
                                           "norm_head", "nested_head", "other_eps"),
                         [](const auto& test) { return std::string(test.param); });

struct Refused {
  const char* name;
  const char* sentence;
};
const Refused kRefused[] = {
    {"softplus", "fc.1 is torch.nn.modules.activation.Softplus"},
    {"odd_swin", "features.1.1.attn.shift_size is [0,0], torchvision has [4,4]"},
    {"odd_swin", "features.3.0.mlp.1.approximate is \"tanh\", torchvision has \"none\""},
    {"other_scale", "blocks.1.layers.0.layers.grid_attention.attn_layer.1.scale_factor is 0.17"},
    {"softmax", "fc.1 is torch.nn.modules.activation.LogSoftmax"},
    {"max_pooled", "avgpool is torch.nn.modules.pooling.AdaptiveMaxPool2d"},
    {"larger_grid", "avgpool.output_size is 2, torchvision has 1"},
    {"leaky", "features.3.squeeze_activation is torch.nn.modules.activation.LeakyReLU"},
    {"floor", "maxpool1.ceil_mode is false, torchvision has true"},
    {"no_residual", "features.2.1.use_res_connect is false, torchvision has true"},
    {"without_padding", "features.transition1.pool.count_include_pad is false"},
};

TEST(LiveClassifiersRefused, NameTheModuleThatDiffers) {
  for (const Refused& row : kRefused) {
    const Checkpoint module = file_of(std::string(row.name) + ".pth");
    EXPECT_THAT(message_of([&] { export_to_memory(module, {}); }),
                AllOf(HasSubstr("W005"), HasSubstr(row.sentence)))
        << row.name;
  }
}

}  // namespace
}  // namespace tv2onnx
