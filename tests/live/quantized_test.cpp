// Converted models of torchvision.models.quantization, made by live_quantized.py: within two quanta
// of PyTorch, and the same class.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>

#include "support/errors.h"
#include "tv2onnx/export.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/quantized";

struct Case {
  const char* name;
  const char* arch;
};

class LiveQuantized : public ::testing::TestWithParam<Case> {};

TEST_P(LiveQuantized, WithinTwoQuantaAndTheSameClass) {
  const std::string name = GetParam().name;
  const Checkpoint state = open_checkpoint(kFolder / (name + ".pth"));
  const ExportedModel model = export_to_memory(state, {.build = {.preprocess = Preprocess::kNone}});
  EXPECT_EQ(model.report.arch, GetParam().arch);
  EXPECT_EQ(model.report.classes, 5);
  SessionOptions options;
  options.threads = 1;
  const Session session(model.bytes, name, options);
  const Checkpoint recorded = open_checkpoint(kFolder / (name + ".safetensors"));
  const std::vector<float> found = to_float(session.run({*recorded.find("input")})[0]);
  const std::vector<float> wanted = to_float(*recorded.find("logits"));
  const float quantum = to_float(*recorded.find("quantum"))[0];
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_LE(std::abs(found[k] - wanted[k]), 2.01F * quantum) << k;
  }
  for (std::size_t image = 0; image < 2; ++image) {
    const auto of_image = [&](const std::vector<float>& logits) {
      return std::span(logits).subspan(5 * image, 5);
    };
    const float largest = std::ranges::max(of_image(wanted));
    const auto best = std::ranges::max_element(of_image(found)) - of_image(found).begin();
    // What PyTorch has equal, or nearly, may stand in either order.
    EXPECT_GE(of_image(wanted)[static_cast<std::size_t>(best)], largest - 1.01F * quantum) << image;
  }
}

INSTANTIATE_TEST_SUITE_P(StateDicts, LiveQuantized,
                         ::testing::Values(Case{"resnet18", "quantized_resnet18"},
                                           Case{"resnet18_of_one_scale", "quantized_resnet18"},
                                           Case{"resnet50", "quantized_resnet50"},
                                           Case{"mobilenet_v2", "quantized_mobilenet_v2"},
                                           Case{"shufflenet", "quantized_shufflenet_v2_x0_5"},
                                           Case{"googlenet", "quantized_googlenet"},
                                           Case{"mobilenet_v3", "quantized_mobilenet_v3_large"},
                                           Case{"trained_resnet18", "quantized_resnet18"},
                                           Case{"inception", "quantized_inception_v3"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(LiveQuantizedRefused, ScalesForEachChannelNeedOpset13) {
  const Checkpoint channels = open_checkpoint(kFolder / "resnet18.pth");
  EXPECT_THAT(message_of([&] { export_to_memory(channels, {.opset = 12}); }),
              AllOf(HasSubstr("U002"), HasSubstr("at least 13")));
  const Checkpoint one = open_checkpoint(kFolder / "resnet18_of_one_scale.pth");
  EXPECT_FALSE(export_to_memory(one, {.opset = 12}).bytes.empty());
}

TEST(LiveQuantizedRefused, HardswishWithoutItsScale) {
  const Checkpoint state = open_checkpoint(kFolder / "mobilenet_v3_without_scales.pth");
  EXPECT_THAT(message_of([&] { export_to_memory(state, {}); }),
              AllOf(HasSubstr("W002"), HasSubstr("features.1.block.0.0"), HasSubstr("Hardswish")));
}

TEST(LiveQuantizedRefused, AScaleThatIsNotThere) {
  for (const char* key : {"layer3.1.conv2.scale", "layer2.0.add_relu.scale", "fc.zero_point",
                          "conv1.weight.zero_point", "quant.scale"}) {
    Checkpoint state = open_checkpoint(kFolder / "resnet18.pth");
    std::erase_if(state.tensors, [&](const NamedTensor& tensor) { return tensor.name == key; });
    EXPECT_NE(message_of([&] { export_to_memory(state, {}); }), "") << key;
  }
}

}  // namespace
}  // namespace tv2onnx
