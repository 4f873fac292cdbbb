#include "zoo/detection/returned_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;

struct Stage {
  const char* name;
  std::int64_t channels;
  std::int64_t stride;
};

/// A network of these stages with a pyramid whose inner blocks take these channels.
class ReturnedLayers : public ::testing::Test {
 protected:
  std::vector<std::string> names(const std::vector<Stage>& stages,
                                 const std::vector<std::int64_t>& channels) {
    std::vector<FeatureMap> maps;
    for (const auto& [name, count, stride] : stages) {
      const Value x = graph_.add_input(name, DType::kFloat32, {1, count, "h", "w"});
      maps.push_back({x, stride, name});
    }
    for (std::size_t k = 0; k < channels.size(); ++k) {
      weights_["fpn.inner_blocks." + std::to_string(k) + ".0.weight"].shape = {256, channels[k], 1,
                                                                               1};
    }
    const Scope root(graph_, source_, report_);
    std::vector<std::string> found;
    for (const FeatureMap& map : returned_layers(root / "body", root / "fpn", maps)) {
      found.push_back(map.x.name());
      called_.push_back(map.name);
    }
    return found;
  }

  std::map<std::string, Tensor, std::less<>> weights_;
  std::vector<std::string> called_;
  std::optional<ModuleInfo> body_;
  WeightSource source_{.find =
                           [this](std::string_view key) {
                             const auto found = weights_.find(key);
                             return found != weights_.end() ? &found->second : nullptr;
                           },
                       .module = [this](auto) { return body_ ? &*body_ : nullptr; },
                       .children = {},
                       .keys = {}};
  LoadReport report_;
  Graph graph_{kDefaultOpset};
};

const std::vector<Stage> kResNet{
    {"layer1", 256, 4}, {"layer2", 512, 8}, {"layer3", 1024, 16}, {"layer4", 2048, 32}};
const std::vector<Stage> kMobileNetV2{{"0", 32, 2},  {"2", 24, 4},    {"4", 32, 8},
                                      {"7", 64, 16}, {"14", 160, 32}, {"18", 1280, 32}};

TEST_F(ReturnedLayers, AreToldByChannels) {
  EXPECT_THAT(names(kResNet, {512, 1024, 2048}), ElementsAre("layer2", "layer3", "layer4"));
}

TEST_F(ReturnedLayers, EndWithTheLastOneThatTheFileHas) {
  const std::vector<Stage> cut{kMobileNetV2.begin(), kMobileNetV2.begin() + 3};
  EXPECT_THAT(names(cut, {32}), ElementsAre("4"));
}

TEST_F(ReturnedLayers, WithoutAGapArePreferred) {
  EXPECT_THAT(names(kMobileNetV2, {32, 64, 160, 1280}), ElementsAre("4", "7", "14", "18"));
}

TEST_F(ReturnedLayers, ThatCannotBeToldApartAreRefused) {
  EXPECT_THAT(message_of([&] {
                names(kMobileNetV2, {32, 1280});
              }),
              AllOf(HasSubstr("error[W002]"), HasSubstr("layers 0, 18"), HasSubstr("layers 4, 18"),
                    HasSubstr("save the whole module")));
}

/// All layers of MobileNetV2, of which several have one width.
const std::vector<Stage> kMobileNetV2Layers{
    {"0", 32, 2},    {"1", 16, 2},    {"2", 24, 4},    {"3", 24, 4},    {"4", 32, 8},
    {"5", 32, 8},    {"6", 32, 8},    {"7", 64, 16},   {"8", 64, 16},   {"9", 64, 16},
    {"10", 64, 16},  {"11", 96, 16},  {"12", 96, 16},  {"13", 96, 16},  {"14", 160, 32},
    {"15", 160, 32}, {"16", 160, 32}, {"17", 320, 32}, {"18", 1280, 32}};

TEST_F(ReturnedLayers, OfOneWidthAreAssumedWhereBuildersCut) {
  weights_["body.18.0.weight"].shape = {1280, 320, 1, 1};
  EXPECT_THAT(names(kMobileNetV2Layers, {24, 64, 160, 1280}), ElementsAre("2", "7", "14", "18"));
  EXPECT_THAT(report_.assumed, ElementsAre(HasSubstr("to take layers 2, 7, 14, 18")));
}

TEST_F(ReturnedLayers, OfBuildersByDefaultAreNoAssumption) {
  weights_["body.18.0.weight"].shape = {1280, 320, 1, 1};
  EXPECT_THAT(names(kMobileNetV2Layers, {160, 1280}), ElementsAre("14", "18"));
  EXPECT_THAT(report_.assumed, ::testing::IsEmpty());
}

TEST_F(ReturnedLayers, OfOneWidthAreRefusedWhereNoBuilderCuts) {
  const std::vector<Stage> cut{kMobileNetV2Layers.begin(), kMobileNetV2Layers.begin() + 11};
  EXPECT_THAT(
      message_of([&] {
        names(cut, {24, 64});
      }),
      AllOf(HasSubstr("error[W002]"), HasSubstr("layers 2, 10"), HasSubstr("layers 3, 10")));
}

TEST_F(ReturnedLayers, OfAWholeModuleAreWhatItSays) {
  body_ = ModuleInfo{.path = "body",
                     .class_name = "",
                     .attributes = {{"return_layers", parse_json(R"({"0": "fine", "18": "1"})")}}};
  EXPECT_THAT(names(kMobileNetV2, {32, 1280}), ElementsAre("0", "18"));
  EXPECT_THAT(called_, ElementsAre("fine", "1"));
}

TEST_F(ReturnedLayers, OfAStateDictHaveTheNamesOfTheBuilders) {
  names(kResNet, {512, 1024, 2048});
  EXPECT_THAT(called_, ElementsAre("0", "1", "2"));
}

}  // namespace
}  // namespace tv2onnx
