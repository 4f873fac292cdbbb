#include "doctor/rebuild/name_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rewrite/edit.h"
#include "support/foreign_model.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using testing::ForeignModel;

/// Networks with folded convolutions "onnx::Conv_0", "onnx::Conv_3", ...
class Network : public ForeignModel {
 public:
  std::string conv(const std::string& x, std::int64_t in, std::int64_t out, std::int64_t kernel,
                   std::int64_t groups = 1) {
    const std::string name = "onnx::Conv_" + std::to_string(count_++);
    weight(name, {out, in / groups, kernel, kernel}, static_cast<float>(count_));
    weight(name + "b", {out}, 0.5F);
    return node("Conv", {x, name, name + "b"}, fresh(), {integer_attribute("group", groups)});
  }
  std::string named(const std::string& x, const std::string& module, std::int64_t in,
                    std::int64_t out) {
    weight(module + ".weight", {out, in, 1, 1}, static_cast<float>(++count_));
    weight(module + ".bias", {out});
    return node("Conv", {x, module + ".weight", module + ".bias"}, fresh());
  }
  std::string relu(const std::string& x) { return node("Relu", {x}, fresh()); }
  std::string add(const std::string& x, const std::string& y) {
    return node("Add", {x, y}, fresh());
  }

  std::vector<std::string> names() {
    const View view(model);
    std::vector<Layer> layers = find_layers(view);
    name_layers(view, layers);
    std::vector<std::string> found;
    for (const Layer& layer : layers) found.push_back(layer.module);
    return found;
  }

 private:
  std::string fresh() { return "v" + std::to_string(values_++); }
  int count_ = 0;
  int values_ = 0;
};

TEST(NameLayers, FollowsTheResidualsOfResNet) {
  Network net;
  std::string x = net.relu(net.conv("image", 3, 8, 7));
  x = net.node("MaxPool", {x}, "pooled");
  // Two blocks of the first stage, the first of them with a projection.
  const std::string first =
      net.conv(net.relu(net.conv(net.relu(net.conv(x, 8, 4, 1)), 4, 4, 3)), 4, 16, 1);
  x = net.relu(net.add(first, net.conv(x, 8, 16, 1)));
  const std::string second =
      net.conv(net.relu(net.conv(net.relu(net.conv(x, 16, 4, 1)), 4, 4, 3)), 4, 16, 1);
  x = net.relu(net.add(second, x));
  // The second stage.
  const std::string third =
      net.conv(net.relu(net.conv(net.relu(net.conv(x, 16, 8, 1)), 8, 8, 3)), 8, 32, 1);
  x = net.relu(net.add(third, net.conv(x, 16, 32, 1)));
  net.named(x, "rpn.head.cls_logits", 32, 3);
  EXPECT_THAT(net.names(),
              ElementsAre("backbone.body.conv1", "backbone.body.layer1.0.conv1",
                          "backbone.body.layer1.0.conv2", "backbone.body.layer1.0.conv3",
                          "backbone.body.layer1.0.downsample.0", "backbone.body.layer1.1.conv1",
                          "backbone.body.layer1.1.conv2", "backbone.body.layer1.1.conv3",
                          "backbone.body.layer2.0.conv1", "backbone.body.layer2.0.conv2",
                          "backbone.body.layer2.0.conv3", "backbone.body.layer2.0.downsample.0",
                          "rpn.head.cls_logits"));
}

TEST(NameLayers, CountsThePartsOfMobileNetBlocks) {
  Network net;
  std::string x = net.conv("image", 3, 8, 3);
  x = net.conv(net.conv(x, 8, 8, 3, 8), 8, 8, 1);                          // no expansion
  x = net.conv(net.conv(net.conv(x, 8, 16, 1), 16, 16, 3, 16), 16, 8, 1);  // expansion
  const std::string wide = net.conv(net.conv(x, 8, 16, 1), 16, 16, 5, 16);
  net.named(net.named(wide, "backbone.body.3.block.2.fc1", 16, 4), "backbone.body.3.block.2.fc2", 4,
            16);
  x = net.conv(wide, 16, 8, 1);
  x = net.conv(x, 8, 32, 1);
  net.named(x, "backbone.fpn.inner_blocks.0.0", 32, 4);
  net.named(x, "rpn.head.cls_logits", 32, 3);
  EXPECT_THAT(net.names(), ElementsAre("backbone.body.0.0", "backbone.body.1.block.0.0",
                                       "backbone.body.1.block.1.0", "backbone.body.2.block.0.0",
                                       "backbone.body.2.block.1.0", "backbone.body.2.block.2.0",
                                       "backbone.body.3.block.0.0", "backbone.body.3.block.1.0",
                                       "backbone.body.3.block.2.fc1", "backbone.body.3.block.2.fc2",
                                       "backbone.body.3.block.3.0", "backbone.body.4.0",
                                       "backbone.fpn.inner_blocks.0.0", "rpn.head.cls_logits"));
}

TEST(NameLayers, KeepsWhatItCannotPlaceWithoutAName) {
  Network net;
  net.conv(net.conv("image", 3, 8, 5), 8, 8, 5);
  EXPECT_THAT(net.names(), ElementsAre("", ""));
}

TEST(NameLayers, RemovesTheNameOfAWrapper) {
  Network net;
  net.named(net.named("image", "model.backbone.body.conv1", 3, 4), "model.rpn.head.cls_logits", 4,
            3);
  EXPECT_THAT(net.names(), ElementsAre("backbone.body.conv1", "rpn.head.cls_logits"));
}

TEST(NormModule, FollowsTorchvisionsCustoms) {
  EXPECT_EQ(norm_module("backbone.body.conv1"), "backbone.body.bn1");
  EXPECT_EQ(norm_module("backbone.body.layer1.0.conv3"), "backbone.body.layer1.0.bn3");
  EXPECT_EQ(norm_module("backbone.body.layer2.0.downsample.0"),
            "backbone.body.layer2.0.downsample.1");
  EXPECT_EQ(norm_module("head.classification_head.conv.6"), "head.classification_head.conv.7");
}

}  // namespace
}  // namespace tv2onnx::doctor
