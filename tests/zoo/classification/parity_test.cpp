// Logits of one builder of each code path, against those that torchvision gave in double.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/images_of_batch.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/export.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::json;
using testing::builder_tensors;
using testing::TensorList;

// Beside three times torch's own difference between float and double, in shares of the standard
// deviation of the logits.
constexpr double kSlack = 1e-6;
constexpr double kTorchsOwn = 3;

const Json& cases() {
  static const Json all =
      Json::parse(testing::read_file(TV2ONNX_SOURCE_DIR "/tests/golden/zoo/classifiers.json"));
  return all;
}

Checkpoint checkpoint_of(const Json& one) {
  TensorList tensors = builder_tensors().at(one["builder"].get<std::string>());
  const auto without = one["without"].get<std::set<std::string>>();
  std::erase_if(tensors, [&](const auto& tensor) {
    return one["with"].contains(tensor.first) || without.contains(tensor.first);
  });
  for (const auto& [key, shape] : one["with"].items()) {
    tensors.emplace_back(key, shape.get<Shape>());
  }
  return testing::with_designed_values(tensors, one["norms"].get<std::map<std::string, double>>(),
                                       one["factors"].get<std::map<std::string, double>>());
}

ExportedModel exported(const Checkpoint& checkpoint, const Json& one, int opset) {
  ExportOptions options{.opset = opset, .build = {.preprocess = Preprocess::kNone}};
  for (const auto& [name, value] : one["settings"].items()) {
    options.overrides.push_back({name, parse_json(value.dump()), "test"});
  }
  if (!one["enlarged"].is_null()) {
    const std::int64_t side = one["enlarged"];
    options.build.detection.size = {side, side};
  }
  return export_to_memory(checkpoint, options);
}

/// The largest difference, in standard deviations.
double difference(const std::vector<float>& found, const Json& run) {
  double most = 0;
  std::size_t k = 0;
  for (const Json& row : run["logits"]) {
    for (const Json& wanted : row) {
      most = std::max(most, std::abs(static_cast<double>(found[k++]) - wanted.get<double>()));
    }
  }
  return most / run["std"].get<double>();
}

Session session_of(const ExportedModel& model) {
  SessionOptions options;
  options.threads = 1;
  return {model.bytes, "model", options};
}

/// Smaller images than the file says end in an error, those that it says do not.
void expect_smallest(const Session& session) {
  if (session.inputs()[0].shape[2] > 0) return;  // takes one size only
  const std::vector<std::int64_t> stated = read_metadata(session.metadata()).smallest;
  const std::int64_t side = stated.empty() ? 1 : stated[0];
  EXPECT_EQ(stated.empty() ? side : stated[1], side);
  const auto run = [&](std::int64_t height, std::int64_t width) {
    return to_float(session.run({testing::designed_images(1, height, width)})[0]);
  };
  for (const float logit : run(side, side)) EXPECT_TRUE(std::isfinite(logit));
  if (side == 1) return;
  EXPECT_EQ(testing::code_of([&] { run(side - 1, side); }), "R003");
  EXPECT_EQ(testing::code_of([&] { run(side + 9, side - 1); }), "R003");
}

class ClassifierParity : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ClassifierParity, LogitsAreTorchvisions) {
  const Json& one = cases()[GetParam()];
  const Checkpoint checkpoint = checkpoint_of(one);
  bool all_sizes = true;
  for (const int opset : one["opsets"].get<std::vector<int>>()) {
    SCOPED_TRACE(one["name"].get<std::string>() + ", opset " + std::to_string(opset));
    const ExportedModel model = exported(checkpoint, one, opset);
    EXPECT_EQ(model.report.arch, one["builder"].get<std::string>());
    EXPECT_EQ(model.report.classes, 10);
    const Session session = session_of(model);
    for (const Json& run : one["runs"]) {
      const Tensor images = testing::designed_images(2, run["size"][0], run["size"][1]);
      const std::vector<float> logits = to_float(session.run({images})[0]);
      ASSERT_EQ(logits.size(), 20U);
      EXPECT_LE(difference(logits, run), kTorchsOwn * run["error"].get<double>() + kSlack);
      if (!all_sizes) break;
    }
    if (all_sizes) expect_smallest(session);
    all_sizes = false;  // the first opset is enough
  }
}

INSTANTIATE_TEST_SUITE_P(AllPaths, ClassifierParity, ::testing::Range<std::size_t>(0, 30),
                         [](const auto& test) {
                           std::string name = cases()[test.param]["name"];
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

TEST(ClassifierParity, TheGoldenHasAllCases) {
  EXPECT_EQ(cases().size(), 30U);
}

const Json& case_of(const std::string& name) {
  return *std::ranges::find_if(cases(), [&](const Json& each) { return each["name"] == name; });
}

/// The golden must notice these: each gives plausible logits.
TEST(ClassifierParity, MutationsAreSeen) {
  struct Mutation {
    const char* name;
    const char* option;
    Setting value;
  };
  const Mutation mutations[] = {{"resnet18", "norm_eps", {1e-3}},
                                {"mobilenet_v3_small", "norm_eps", {1e-5}},
                                {"efficientnet_b5", "norm_eps", {1e-5}},
                                {"mobilenet_v2", "quantizable", {true}},
                                {"mobilenet_v2 quantizable", "quantizable", {false}},
                                {"googlenet", "transform_input", {true}}};
  for (const auto& [name, option, value] : mutations) {
    Json one = case_of(name);
    one["settings"] = Json::object();
    one["settings"][option] = Json::parse(to_json(value));
    const Json& run = one["runs"][0];
    const Session session = session_of(exported(checkpoint_of(one), one, 17));
    const Tensor images = testing::designed_images(2, run["size"][0], run["size"][1]);
    const double seen = difference(to_float(session.run({images})[0]), run);
    EXPECT_GT(seen, 5 * (kTorchsOwn * run["error"].get<double>() + kSlack)) << name;
  }
}

TEST(ClassifierParity, NormalisationOfTheLargestEfficientNet) {
  const auto mean = [](const char* builder) {
    const Model& model = find_model(builder);
    const auto option = std::ranges::find(model.options, "mean", &Option::name);
    return to_json(option->standard);
  };
  EXPECT_EQ(mean("efficientnet_v2_l"), "[0.5,0.5,0.5]");
  EXPECT_EQ(mean("efficientnet_v2_m"), "[0.485,0.456,0.406]");
}

TEST(ClassifierParity, ImagesOfABatchAreIndependent) {
  const Json& one = case_of("resnet18");
  const ExportedModel model = exported(checkpoint_of(one), one, 17);
  const Session session = session_of(model);
  testing::expect_independent(session, testing::designed_images(3, 64, 64), 1e-6);
}

}  // namespace
}  // namespace tv2onnx
