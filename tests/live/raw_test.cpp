// Raw files of detectors that the installed torchvision has just made: fixed shapes in the file,
// and in the library the rest of what torchvision does.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "nn/resized_size.h"
#include "support/files.h"
#include "support/onnx_checker.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"
#include "tv2onnx/image.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/verify.h"

#ifdef TV2ONNX_HAVE_OPENCV_DNN
#include <opencv2/dnn.hpp>
#endif

namespace tv2onnx {
namespace {

struct Variant {
  std::string name;
  double min_size = 0;  ///< 0: the images have the model's fixed size
  double max_size = 0;
  std::string score_thresh = {};  ///< that a state dict does not say
};

const std::vector<Variant> kVariants{{"retinanet", 224, 320},
                                     {"retinanet_v2", 200, 300},
                                     {"fcos", 224, 320},
                                     {"fcos_assembled", 160, 240},
                                     {"ssd", 0, 0, "0.5"},
                                     {"ssd_assembled"},
                                     {"ssdlite"}};

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.name;
}

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

/// The size that torchvision pads an image of the case to; nothing if the model has one size.
std::optional<ImageSize> padded_size(const Variant& variant, const ReferenceCase& one,
                                     TorchvisionVersion version) {
  if (variant.min_size == 0) return std::nullopt;
  TransformSpec spec;
  spec.min_size = variant.min_size;
  spec.max_size = variant.max_size;
  spec.rule = version < TorchvisionVersion{0, 16} ? ResizeRule::kFloat32 : ResizeRule::kDouble;
  ImageSize size = resized_size({one.input.shape[1], one.input.shape[2]}, spec);
  for (std::int64_t& side : size) side = (side + 31) / 32 * 32;
  return size;
}

ExportOptions options_of(const Variant& variant, const std::optional<ImageSize>& size,
                         TorchvisionVersion version) {
  ExportOptions options;
  options.write.overwrite = true;
  options.build.outputs = OutputMode::kRaw;
  options.build.torchvision = version;
  options.build.detection.size = size;
  if (variant.min_size > 0) {
    options.overrides.push_back({"min_size", {variant.min_size}, "test"});
    options.overrides.push_back({"max_size", {variant.max_size}, "test"});
  }
  if (!variant.score_thresh.empty()) {
    options.overrides.push_back({"score_thresh", parse_json(variant.score_thresh), "test"});
  }
  return options;
}

class Raw : public ::testing::TestWithParam<Variant> {};

/// Adds what the raw files of the variant find to `total`.
void compare_raw(const Variant& variant, VerifyReport& total) {
  const Checkpoint checkpoint = open_checkpoint(live(variant.name + ".pth"));
  Reference reference = read_reference(live(variant.name + ".safetensors"));
  const TorchvisionVersion version =
      parse_torchvision_version(reference.metadata.at("torchvision"));
  std::map<std::optional<ImageSize>, std::vector<ReferenceCase>> by_size;
  for (ReferenceCase& one : reference.cases) {
    by_size[padded_size(variant, one, version)].push_back(std::move(one));
  }
  std::size_t detections = 0;
  for (auto& [size, cases] : by_size) {
    const std::string onnx = live(variant.name + "_raw.onnx");
    export_onnx(checkpoint, onnx, options_of(variant, size, version));
    EXPECT_EQ(testing::check_with_onnx(onnx), "");
    reference.cases = std::move(cases);
    // Flips are counted over all variants: one would be too many for a small one.
    const VerifyReport report =
        verify(Detector(onnx), reference, {.tolerance = {}, .max_flips = 1, .control = {}});
    // A size of blank images alone decides nothing.
    EXPECT_TRUE(report.equal() || report.expected + report.found == 0) << report.reason;
    fmt::print("{} {}: {} detections, {} flips, worst box {:.2g} px, worst score {:.2g}\n",
               variant.name, size ? fmt::format("{}x{}", (*size)[0], (*size)[1]) : "",
               report.expected, report.flips, report.worst.box, report.worst.score);
    detections += report.expected;
    total.flips += report.flips;
  }
  EXPECT_GE(detections, 50U);
  total.expected += detections;
}

TEST(LiveRaw, FindsWhatTorchvisionFinds) {
  VerifyReport total;
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.name);
    compare_raw(variant, total);
  }
  EXPECT_LE(static_cast<double>(total.flips),
            VerifyOptions{}.max_flips * static_cast<double>(total.expected));
}

TEST_P(Raw, HasPlainOperatorsAndFixedShapesOnly) {
  const Variant& variant = GetParam();
  const std::set<std::string> allowed{"Add",
                                      "BatchNormalization",
                                      "Clip",
                                      "Concat",
                                      "Conv",
                                      "Div",
                                      "GlobalAveragePool",
                                      "HardSwish",
                                      "HardSigmoid",
                                      "InstanceNormalization",
                                      "Max",
                                      "MaxPool",
                                      "Mul",
                                      "ReduceL2",
                                      "Relu",
                                      "Reshape",
                                      "Resize",
                                      "Sub",
                                      "Transpose",
                                      "Unsqueeze"};
  const std::optional<ImageSize> size =
      variant.min_size > 0 ? std::optional(ImageSize{224, 320}) : std::nullopt;
  const testing::TemporaryFolder folder;
  const std::filesystem::path file = folder / "raw.onnx";
  export_onnx(open_checkpoint(live(variant.name + ".pth")), file, options_of(variant, size, {}));
  for (const auto& [op, count] : read_onnx_summary(file).operators) {
    EXPECT_TRUE(allowed.contains(op)) << op;
  }
  EXPECT_THAT(testing::values_without_fixed_shape(file), ::testing::IsEmpty());
}

#ifdef TV2ONNX_HAVE_OPENCV_DNN
TEST_P(Raw, RunsInOpenCv) {
  const Variant& variant = GetParam();
  // 4.6 has Clip, which ReLU6 is, only as it was before opset 11; 4.10 takes squeeze-excitation for
  // a HardSwish.
  if (variant.name == "ssdlite") GTEST_SKIP() << "OpenCV " CV_VERSION;
  const std::string onnx = live(variant.name + "_opencv.onnx");
  const std::optional<ImageSize> size =
      variant.min_size > 0 ? std::optional(ImageSize{224, 320}) : std::nullopt;
  export_onnx(open_checkpoint(live(variant.name + ".pth")), onnx, options_of(variant, size, {}));
  const Detector detector(onnx);
  const Session& session = detector.session();
  const Tensor input =
      detector.session_input(read_image(TV2ONNX_SOURCE_DIR "/examples/shapes/images/002.jpg"));
  const std::vector<Tensor> expected = session.run({input});

  cv::dnn::Net net = cv::dnn::readNetFromONNX(onnx);
#if CV_VERSION_MAJOR > 4 || CV_VERSION_MINOR > 6
  net.enableWinograd(false);  // which rounds coarsely
#endif
  std::vector<int> shape(input.shape.begin(), input.shape.end());
  net.setInput(cv::Mat(shape, CV_32F, const_cast<std::byte*>(input.data)));
  std::vector<std::string> names;
  for (const PortInfo& port : session.outputs()) names.push_back(port.name);
  std::vector<cv::Mat> found;
  net.forward(found, names);
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto want = expected[k].as<float>();
    ASSERT_EQ(found[k].total(), want.size()) << names[k];
    const float* values = found[k].ptr<float>();
    double worst = 0;
    for (std::size_t e = 0; e < want.size(); ++e) {
      worst = std::max(worst, std::abs(double{values[e]} - want[e]));
    }
    EXPECT_LT(worst, 1e-3) << names[k];
    fmt::print("{} {}: worst {:.2g}\n", variant.name, names[k], worst);
  }
  std::filesystem::remove(onnx);
}
#endif

INSTANTIATE_TEST_SUITE_P(Torchvision, Raw, ::testing::ValuesIn(kVariants),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tv2onnx
