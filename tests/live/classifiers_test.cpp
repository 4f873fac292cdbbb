// Whole modules of classifiers, made by live_classifiers.py: equal to PyTorch, or refused with the
// module that differs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "live/refused.h"
#include "support/distance.h"
#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/export.h"
#include "tv2onnx/image.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify_classes.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using testing::distance_by_range;
using ::testing::HasSubstr;
using testing::message_of;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/classifiers";
constexpr double kTolerance = 5e-5;

Checkpoint file_of(const std::string& name) {
  return open_checkpoint(kFolder / name);
}

class LiveClassifiers : public ::testing::TestWithParam<const char*> {};

TEST_P(LiveClassifiers, GiveTorchsLogits) {
  const std::string name = GetParam();
  const Checkpoint module = file_of(name + ".pth");
  const ExportedModel model =
      export_to_memory(module, {.build = {.preprocess = Preprocess::kNone}});
  EXPECT_EQ(model.report.classes, 5);
  EXPECT_TRUE(model.report.warnings.empty());
  SessionOptions options;
  options.threads = 1;
  const Session session(model.bytes, name, options);
  const Checkpoint recorded = file_of(name + ".safetensors");
  const Tensor found = session.run({*recorded.find("input")})[0];
  EXPECT_LE(distance_by_range(found, *recorded.find("logits")), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(WholeModules, LiveClassifiers,
                         ::testing::Values("alexnet", "squeezenet", "densenet", "googlenet",
                                           "inception", "mobilenet_v2", "quantizable",
                                           "mobilenet_v3", "shufflenet", "mnasnet", "efficientnet",
                                           "efficientnet_v2", "regnet", "convnext", "swin",
                                           "swin_v2", "vit", "maxvit", "tanh_head", "small_head",
                                           "norm_head", "nested_head", "other_eps"),
                         [](const auto& test) { return std::string(test.param); });

/// What modules give is what torch's hooks see there.
TEST(LiveClassifierFeatures, AreTorchs) {
  for (const char* name : {"norm_head", "mobilenet_v3", "densenet", "squeezenet", "convnext",
                           "shufflenet", "efficientnet", "small_head"}) {
    const Checkpoint recorded = file_of(std::string(name) + ".safetensors");
    ExportOptions options{.build = {.preprocess = Preprocess::kNone}};
    std::vector<const Tensor*> wanted;
    for (const auto& [key, tensor] : recorded.tensors) {
      if (!key.starts_with("feature/")) continue;
      options.build.features.push_back(key.substr(8));
      wanted.push_back(&tensor);
    }
    ASSERT_GE(wanted.size(), 4U) << name;
    const ExportedModel model = export_to_memory(file_of(std::string(name) + ".pth"), options);
    SessionOptions single;
    single.threads = 1;
    const std::vector<Tensor> found =
        Session(model.bytes, name, single).run({*recorded.find("input")});
    ASSERT_EQ(found.size(), wanted.size() + 1);
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const std::string what = std::string(name) + " " + options.build.features[k];
      EXPECT_LE(distance_by_range(found[k + 1], *wanted[k]), kTolerance) << what;
    }
  }
}

/// A Dropout in front of the others is not in the graph, so that their numbers are not torch's.
TEST(LiveClassifierFeatures, DoNotCountWhatWasLeftOut) {
  ExportOptions options;
  options.build.features = {"fc.2"};
  EXPECT_THAT(message_of([&] { export_to_memory(file_of("norm_head.pth"), options); }),
              AllOf(HasSubstr("U002"), HasSubstr("fc.0 (torch.nn.modules.dropout.Dropout)"),
                    HasSubstr("other numbers in the graph than fc.2")));
}

struct Photos {
  const char* name;
  std::vector<std::pair<const char*, const char*>> settings;
};
const std::vector<Photos> kPhotos{
    {"mobilenet_v3", {{"resize_size", "76"}, {"crop_size", "64"}}},
    {"efficientnet",
     {{"resize_size", "71"},
      {"crop_size", "64"},
      {"interpolation", R"("bicubic")"},
      {"mean", "0.5"},
      {"std", "0.4"}}},
};

ExportedModel exported_for_photos(const Photos& one, Preprocess preprocess, OutputMode outputs,
                                  int opset) {
  ExportOptions options{.opset = opset, .build = {.outputs = outputs, .preprocess = preprocess}};
  for (const auto& [name, value] : one.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  return export_to_memory(file_of(std::string(one.name) + ".pth"), options);
}

std::vector<Tensor> photos() {
  std::vector<Tensor> all;
  for (const auto& file : testing::files_in(TV2ONNX_SOURCE_DIR "/examples/shapes/images")) {
    all.push_back(read_image(file));
  }
  return all;
}

Classifier classifier_of(const ExportedModel& model) {
  SessionOptions options;
  options.threads = 1;
  return {Session(model.bytes, "model", options), {}};
}

double deviation_of(const std::vector<float>& values) {
  double sum = 0;
  double squares = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

/// Photos of any size, whoever prepares them: torchvision's transforms there, the file or this
/// library here.
TEST(LiveClassifierPhotos, HaveTorchsLogits) {
  const std::vector<Tensor> images = photos();
  for (const Photos& one : kPhotos) {
    const Checkpoint recorded = file_of(std::string(one.name) + ".safetensors");
    const std::vector<float> wanted = to_float(*recorded.find("photos"));
    const double deviation = deviation_of(wanted);
    ASSERT_GT(deviation, 0);
    for (const auto& [preprocess, opset] : {std::pair{Preprocess::kFull, 18},
                                            {Preprocess::kFull, 13},
                                            {Preprocess::kNormalize, 17},
                                            {Preprocess::kNone, 17}}) {
      const Classifier classifier =
          classifier_of(exported_for_photos(one, preprocess, OutputMode::kLogits, opset));
      for (std::size_t k = 0; k < images.size(); ++k) {
        const std::vector<float> found = classifier.run(images[k])[0].logits;
        ASSERT_EQ(found.size(), 5U);
        for (std::size_t c = 0; c < found.size(); ++c) {
          EXPECT_NEAR(found[c], wanted[5 * k + c], 1e-3 * deviation)
              << one.name << " " << mode_name(kPreprocesses, preprocess) << " " << opset;
        }
      }
    }
  }
}

TEST(LiveClassifierPhotos, HaveTheSameProbabilitiesInAllOutputs) {
  const Tensor image = photos().front();
  const auto best = [&](OutputMode outputs) {
    const Classifier classifier =
        classifier_of(exported_for_photos(kPhotos[0], Preprocess::kFull, outputs, 18));
    return classifier.run(image)[0].best;
  };
  const std::vector<ScoredClass> of_logits = best(OutputMode::kLogits);
  for (const OutputMode outputs : {OutputMode::kProbabilities, OutputMode::kTopK}) {
    const std::vector<ScoredClass> found = best(outputs);
    ASSERT_EQ(found.size(), 5U);
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_EQ(found[k].label, of_logits[k].label);
      EXPECT_NEAR(found[k].score, of_logits[k].score, 1e-6);
    }
  }
}

/// Both sides prepare the photos: Pillow and torchvision there, the file here.
TEST(LiveClassifierVerify, IsEqualToPyTorch) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path checkpoint = kFolder / "state_dict.pth";
  const auto verdict = [&](const std::vector<ExportOptions::Override>& overrides,
                           const std::filesystem::path& reference) {
    const std::filesystem::path file = folder / "model.onnx";
    ExportOptions options{.arch = "resnet18", .overrides = overrides};
    options.write.overwrite = true;
    export_onnx(open_checkpoint(checkpoint), file, options);
    const Classifier classifier(file);
    RecordOptions quick;
    quick.quick = true;
    quick.python = "/usr/bin/python3";  // Debian's, as another one in PATH rarely has torchvision
    return verify(classifier, reference_for(classifier, reference, quick));
  };
  const std::vector<ExportOptions::Override> small{{"resize_size", {std::int64_t{72}}, "test"},
                                                   {"crop_size", {std::int64_t{64}}, "test"}};
  const VerifyClassesReport report = verdict(small, checkpoint);
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_GE(report.images.size(), 6U);
  for (const ClassesResult& one : report.images) {
    EXPECT_TRUE(one.has_pixels);
    EXPECT_TRUE(one.same_top1) << one.case_name;
  }
  std::filesystem::copy_file(folder / "model.onnx", folder / "right.onnx");
  std::vector<ExportOptions::Override> other = small;
  other.push_back({"interpolation", {std::string("bicubic")}, "test"});
  EXPECT_EQ(verdict(other, folder / "right.onnx").verdict, Verdict::kNotEqual);
}

struct Foreign {
  const char* name;
  std::vector<std::string> codes;  ///< of what is wrong
};

TEST(LiveClassifiersDoctor, FindsWhatIsWrongInFilesOfTorch) {
  const std::vector<Foreign> files{
      {"plain", {}},       {"squeezenet", {}},         {"mobilenet", {}},
      {"pooled", {"D03"}}, {"two_softmaxes", {"D20"}}, {"one_image", {"D04"}},
      {"resized", {"D19"}}};
  for (const auto& [name, codes] : files) {
    const Diagnosis diagnosis = diagnose(kFolder / ("foreign_" + std::string(name) + ".onnx"));
    std::vector<std::string> found;
    for (const Finding& finding : diagnosis.findings) {
      if (finding.damage > Damage::kWaste) found.emplace_back(finding.code.name());
    }
    EXPECT_EQ(found, codes) << name;
  }
}

TEST(LiveClassifiersDoctor, RebuildsNothingThatIsNotTorchvisions) {
  const std::filesystem::path file = kFolder / "foreign_plain.onnx";
  EXPECT_THAT(message_of([&] { rebuild(file, kFolder / "rebuilt.onnx", {}); }),
              AllOf(HasSubstr("D110"), HasSubstr("no other network of torchvision")));
}

/// Two images give what each gives alone.
TEST(LiveClassifiersDoctor, RepairsAReshapeToOneImage) {
  const testing::TemporaryFolder folder;
  const FixReport fixed = fix(kFolder / "foreign_one_image.onnx", folder / "fixed.onnx", {});
  EXPECT_THAT(fixed.repaired, ::testing::Contains(ErrorCode("D04")));
  const Session session(folder / "fixed.onnx", {});
  std::vector<float> pixels(2 * 3 * 40 * 48);
  for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = static_cast<float>(k % 97) / 97;
  const std::vector<float> half(pixels.begin() + 3 * 40 * 48, pixels.end());
  const std::vector<float> both = to_float(session.run({make_tensor({2, 3, 40, 48}, pixels)})[0]);
  const std::vector<float> second = to_float(session.run({make_tensor({1, 3, 40, 48}, half)})[0]);
  ASSERT_EQ(both.size(), 2 * second.size());
  for (std::size_t k = 0; k < second.size(); ++k) {
    EXPECT_NEAR(both[second.size() + k], second[k], 1e-6);
  }
}

TEST(LiveClassifiersDoctor, RepairsSoftmaxOfSoftmax) {
  const testing::TemporaryFolder folder;
  const FixReport fixed = fix(kFolder / "foreign_two_softmaxes.onnx", folder / "fixed.onnx", {});
  EXPECT_THAT(fixed.repaired, ::testing::Contains(ErrorCode("D20")));
  std::size_t changed = 0;
  for (const ProofRow& row : fixed.proof) changed += row.verdict == "differs as intended" ? 1 : 0;
  EXPECT_GT(changed, 0U);
}

TEST(LiveClassifiersForeign, RunWithWhatIsUsual) {
  const Classifier classifier(kFolder / "foreign_two_softmaxes.onnx");
  EXPECT_EQ(classifier.contract().answer.mode, OutputMode::kProbabilities);
  EXPECT_THAT(classifier.assumption(), HasSubstr("ImageNet's mean and deviation"));
  EXPECT_EQ(classifier.run(photos().front())[0].best.size(), 5U);
}

const testing::Refused kRefused[] = {
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

TEST(LiveClassifiersRefused, AnotherSizeThanAModuleIsBuiltFor) {
  ExportOptions options;
  options.build.detection.size = {448, 448};
  const Checkpoint module = file_of("maxvit.pth");
  EXPECT_THAT(message_of([&] { export_to_memory(module, options); }),
              AllOf(HasSubstr("U002"), HasSubstr("built for 224x224")));
}

TEST(LiveClassifiersRefused, NameTheModuleThatDiffers) {
  testing::expect_refused(kRefused, kFolder);
}

}  // namespace
}  // namespace tv2onnx
