// Exports files of torch.onnx.export of torchvision's classifiers anew, and compares with what
// torch found. tests/gen/foreign_classifiers.py makes them; CTest runs it first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "support/distance.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/sketch.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::message_of;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/foreign_classifiers";
constexpr double kTolerance = 5e-5;

std::filesystem::path file(const std::string& name) {
  return kFolder / (name + ".onnx");
}

/// The largest difference from what torch found, by the spread of that.
double distance(const std::filesystem::path& model, const std::string& recorded,
                const std::string& size) {
  SessionOptions options;
  options.threads = 1;
  const Session session(model, options);
  const Checkpoint torchs = open_checkpoint(kFolder / (recorded + ".safetensors"));
  const Tensor& wanted = *torchs.find("scores_" + size);
  const auto [low, high] = std::ranges::minmax(to_float(wanted));
  EXPECT_GT(high - low, 1e-3);
  return testing::distance_by_range(session.run({*torchs.find("image_" + size)})[0], wanted);
}

/// The traced image decided where windows are shifted, so that the original is wrong elsewhere.
TEST(LiveRebuildClassifiers, SwinIsTorchsAtEverySize) {
  const testing::TemporaryFolder folder;
  const Rebuilt rebuilt = rebuild(file("swin"), folder / "swin.onnx", {});
  EXPECT_EQ(rebuilt.exported.arch, "swin_t");
  EXPECT_FALSE(rebuilt.proof.empty());
  EXPECT_GT(distance(file("swin"), "swin", "97x130"), 20 * kTolerance);
  for (const char* size : {"97x130", "231x257"}) {
    EXPECT_LT(distance(folder / "swin.onnx", "swin", size), kTolerance) << size;
  }
}

TEST(LiveRebuildClassifiers, TakesAndGivesWhatTheOriginalDoes) {
  const testing::TemporaryFolder folder;
  const Rebuilt rebuilt = rebuild(file("wrapped"), folder / "same.onnx", {});
  EXPECT_EQ(rebuilt.exported.arch, "mobilenet_v3_small");
  EXPECT_EQ(rebuilt.exported.answer, "probabilities");
  EXPECT_THAT(rebuilt.kept, Contains(HasSubstr("the file normalises its images")));
  EXPECT_LT(distance(folder / "same.onnx", "wrapped", "97x130"), kTolerance);
  RebuildOptions options;
  options.core.build.preprocess = Preprocess::kFull;
  options.core.build.outputs = OutputMode::kTopK;
  rebuild(file("wrapped"), folder / "photos.onnx", options);
  const Session session(folder / "photos.onnx", {});
  EXPECT_EQ(session.inputs()[0].dtype, DType::kUInt8);
  EXPECT_EQ(session.outputs().size(), 2U);
}

/// Without names of nodes only some weights tell that there is a wrapper: those of squeeze and
/// excitation and of the head.
TEST(LiveRebuildClassifiers, FindsAWrappedOneWithoutNamesOfNodes) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("wrapped"));
  for (OnnxNode& node : model.graph.nodes) {
    node.name.clear();
    node.source = {};
  }
  testing::save(model, folder / "nameless.onnx");
  const Rebuilt rebuilt = rebuild(folder / "nameless.onnx", folder / "same.onnx", {});
  EXPECT_EQ(rebuilt.exported.arch, "mobilenet_v3_small");
  EXPECT_LT(distance(folder / "same.onnx", "wrapped", "97x130"), kTolerance);
}

/// Networks that torch exports for one size.
TEST(LiveRebuildClassifiers, OfVggVisionTransformerAndS3d) {
  struct Case {
    const char* name;
    const char* arch;
    const char* size;
  };
  for (const Case& one : {Case{"vgg", "vgg11", "224x224"}, Case{"vgg_bn", "vgg11", "224x224"},
                          Case{"vit", "vit_b_32", "64x64"}, Case{"s3d", "s3d", "14x209x209"}}) {
    const testing::TemporaryFolder folder;
    const Rebuilt rebuilt = rebuild(file(one.name), folder / "new.onnx", {});
    EXPECT_EQ(rebuilt.exported.arch, one.arch);
    EXPECT_FALSE(rebuilt.proof.empty()) << one.name;
    EXPECT_LT(distance(folder / "new.onnx", one.name, one.size), kTolerance) << one.name;
  }
}

/// Of its weights some have kept their names, others only the names of their nodes tell.
TEST(LiveRebuildClassifiers, FindsASegmenterInAWrapper) {
  const testing::TemporaryFolder folder;
  const Rebuilt rebuilt = rebuild(file("segmenter"), folder / "same.onnx", {});
  EXPECT_EQ(rebuilt.exported.arch, "lraspp_mobilenet_v3_large");
  EXPECT_LT(distance(folder / "same.onnx", "segmenter", "97x131"), kTolerance);
}

/// What other tools leave of the names of nodes and weights.
TEST(LiveRebuildClassifiers, NeedsNoNames) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("resnet"));
  for (OnnxNode& node : model.graph.nodes) {
    node.name.clear();
    node.source = {};
    for (std::string& input : node.inputs) {
      if (input.starts_with("fc.")) input = "head_" + input.substr(3);
    }
  }
  for (OnnxTensor& tensor : model.graph.initializers) {
    if (!tensor.name.starts_with("fc.")) continue;
    tensor.name = "head_" + tensor.name.substr(3);
    tensor.source = {};
  }
  testing::save(model, folder / "nameless.onnx");
  EXPECT_EQ(rebuild(folder / "nameless.onnx", folder / "new.onnx", {}).exported.arch, "resnet18");
  for (const char* size : {"64x64", "97x130"}) {
    EXPECT_LT(distance(folder / "new.onnx", "resnet", size), kTolerance) << size;
  }
}

/// All weights fit, and the graph between them is another one.
TEST(LiveRebuildClassifiers, RefusesAnotherNetworkOfTheSameWeights) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("resnet"));
  const auto relu = std::ranges::find(model.graph.nodes, "Relu", &OnnxNode::op);
  ASSERT_NE(relu, model.graph.nodes.end());
  relu->op = "Elu";
  relu->source = {};
  testing::save(model, folder / "other.onnx");
  EXPECT_THAT(message_of([&] { rebuild(folder / "other.onnx", folder / "new.onnx", {}); }),
              AllOf(HasSubstr("D112"), HasSubstr("does not give the numbers")));
  EXPECT_FALSE(std::filesystem::exists(folder / "new.onnx"));
}

/// No drawn scene reaches the limit; brighter images would.
TEST(LiveRebuildClassifiers, RefusesALimitThatNoSceneReaches) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("resnet"));
  const auto relu = std::ranges::find(model.graph.nodes, "Relu", &OnnxNode::op);
  ASSERT_NE(relu, model.graph.nodes.end());
  relu->op = "Clip";
  relu->source = {};
  for (const float limit : {0.0F, 100.0F}) {
    const std::string name = limit > 0 ? "largest" : "smallest";
    relu->inputs.push_back(name);
    model.graph.initializers.push_back(
        stored_tensor(name, make_tensor({}, std::vector<float>{limit})));
  }
  testing::save(model, folder / "other.onnx");
  EXPECT_THAT(message_of([&] { rebuild(folder / "other.onnx", folder / "new.onnx", {}); }),
              AllOf(HasSubstr("D112"), HasSubstr("differs with 256 times the contrast")));
}

/// A layer more than torchvision's network has.
TEST(LiveRebuildClassifiers, NamesLayersThatHaveNoPlace) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("resnet"));
  const auto relu = std::ranges::find(model.graph.nodes, "Relu", &OnnxNode::op);
  ASSERT_NE(relu, model.graph.nodes.end());
  OnnxNode more;
  more.op = "Conv";
  more.name = "added_layer";
  more.inputs = {relu->inputs[0], "added.weight"};
  more.outputs = {"added"};
  relu->inputs[0] = "added";
  relu->source = {};
  std::vector<float> weights(64 * 64);
  for (std::size_t k = 0; k < 64; ++k) weights[65 * k] = 1;
  model.graph.initializers.push_back(
      stored_tensor("added.weight", make_tensor({64, 64, 1, 1}, std::move(weights))));
  model.graph.nodes.insert(relu, std::move(more));
  testing::save(model, folder / "other.onnx");
  EXPECT_THAT(message_of([&] { rebuild(folder / "other.onnx", folder / "new.onnx", {}); }),
              AllOf(HasSubstr("D111"), HasSubstr("looks like resnet18"), HasSubstr("added_layer"),
                    HasSubstr("[64,64,1,1]")));
}

/// What they were is lost.
TEST(LiveRebuildClassifiers, RefusesWeightsInIntegers) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("resnet"));
  const auto gemm = std::ranges::find(model.graph.nodes, "Gemm", &OnnxNode::op);
  ASSERT_NE(gemm, model.graph.nodes.end());
  gemm->op = "MatMulInteger";
  gemm->source = {};
  testing::save(model, folder / "integers.onnx");
  EXPECT_THAT(message_of([&] { rebuild(folder / "integers.onnx", folder / "new.onnx", {}); }),
              AllOf(HasSubstr("D110"), HasSubstr("the weights are quantised")));
}

/// One class is certain, so that probabilities hardly show it.
TEST(LiveRebuildClassifiers, RefusesAnotherTemperature) {
  const testing::TemporaryFolder folder;
  OnnxModel model = read_onnx_model(file("wrapped"));
  const auto softmax = std::ranges::find(model.graph.nodes, "Softmax", &OnnxNode::op);
  ASSERT_NE(softmax, model.graph.nodes.end());
  OnnxNode scaled;
  scaled.op = "Mul";
  scaled.inputs = {softmax->inputs[0], "temperature"};
  scaled.outputs = {"scaled"};
  softmax->inputs[0] = "scaled";
  softmax->source = {};
  model.graph.initializers.push_back(
      stored_tensor("temperature", make_tensor({}, std::vector<float>{1.01F})));
  model.graph.nodes.insert(softmax, std::move(scaled));
  testing::save(model, folder / "other.onnx");
  EXPECT_THAT(message_of([&] { rebuild(folder / "other.onnx", folder / "new.onnx", {}); }),
              HasSubstr("D112"));
}

}  // namespace
}  // namespace tv2onnx
