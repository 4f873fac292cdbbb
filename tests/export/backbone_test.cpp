// Backbones that come as an ONNX file. The one of the demo's detector is lowered into a file, put
// back by export, and must give what the zoo's own backbone gives.

#include "tv2onnx/backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "onnx/lower.h"
#include "onnx/write.h"
#include "rewrite/edit.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/sketch.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"
#include "zoo/detection/backbone.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::message_of;
using testing::Sketch;

constexpr const char* kShapes = TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth";
constexpr const char* kArch = "fasterrcnn_mobilenet_v3_large_320_fpn";

const Checkpoint& checkpoint() {
  static const Checkpoint opened = open_checkpoint(kShapes);
  return opened;
}

/// The demo's backbone as a file, under the names that it has in Python. `body`: without pyramid.
OnnxModel backbone_model(int opset = 17) {
  WeightSource source = weights_of(checkpoint());
  const auto inside = [](std::string_view path) {
    return path.empty() ? "backbone" : "backbone." + std::string(path);
  };
  source.find = [=, find = source.find](std::string_view key) { return find(inside(key)); };
  source.module = [=, module = source.module](std::string_view path) {
    return module(inside(path));
  };
  Graph graph(opset);
  LoadReport load;
  const Config config(find_model(kArch).options);
  const Value x = graph.add_input("images", DType::kFloat32, {"batch", 3, "height", "width"});
  for (const FeatureMap& map : backbone_maps(Scope(graph, source, load), x, config, {})) {
    graph.add_output(map.x, "map_" + map.name, {"batch", map.x.dim(1), "h", "w"});
  }
  return lower(graph);
}

constexpr const char* kFacts =
    R"({"module":"backbone","maps":[{"name":"0","channels":256,"stride":32},
    {"name":"1","channels":256,"stride":32},{"name":"pool","channels":256,"stride":64}],
    "traced":[[64,96],[224,160],[672,416]],"changed":[],"shapes":[]})";

std::vector<std::byte> bytes_of(const OnnxModel& model) {
  return write_onnx(model, WriteOptions{});
}

ExportOptions with(const std::vector<std::byte>& file) {
  ExportOptions options;
  options.backbone = BackboneFile{.bytes = file};
  options.backbone->measure = run_backbone({}, file, {});
  return options;
}

ExportReport exported(const OnnxModel& backbone, const std::filesystem::path& path) {
  const std::vector<std::byte> file = bytes_of(backbone);
  return export_onnx(checkpoint(), path, with(file));
}

/// The message of an export with the backbone and what its script writes, changed.
std::string refused(const std::function<void(OnnxModel&)>& change) {
  OnnxModel model = backbone_model();
  model.metadata["tv2onnx.backbone"] = kFacts;
  change(model);
  const std::vector<std::byte> file = bytes_of(model);
  return message_of([&] { export_to_memory(checkpoint(), with(file)); });
}

Tensor scene(std::int64_t batch, std::int64_t height, std::int64_t width) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(batch * height * width * 3));
  for (std::size_t k = 0; k < pixels.size(); ++k) {
    const std::size_t place = k / 3;
    const bool blank = batch > 1 && place < pixels.size() / 3 / 2;
    pixels[k] = blank ? 0 : static_cast<std::uint8_t>((place / 37 * 59 + k % 3 * 90) % 256);
  }
  return make_tensor({batch, height, width, 3}, std::move(pixels));
}

void expect_same_answers(const Detector& one, const Detector& other, const Tensor& images) {
  const std::vector<Detections> a = one.run(images);
  const std::vector<Detections> b = other.run(images);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    ASSERT_EQ(a[k].size(), b[k].size());
    for (std::size_t n = 0; n < a[k].size(); ++n) {
      EXPECT_EQ(a[k][n].label, b[k][n].label);
      EXPECT_NEAR(a[k][n].score, b[k][n].score, 1e-4);
      for (std::size_t side = 0; side < 4; ++side) {
        EXPECT_NEAR(a[k][n].box[side], b[k][n].box[side], 1e-3);
      }
    }
  }
}

TEST(Backbone, OfAFileGivesWhatTheCheckpointsOwnGives) {
  const testing::TemporaryFolder folder;
  export_onnx(checkpoint(), folder / "own.onnx", {});
  const Detector own(folder / "own.onnx");
  for (const int opset : {11, 21}) {
    SCOPED_TRACE(opset);
    const std::filesystem::path path = folder / std::to_string(opset);
    const ExportReport report = exported(backbone_model(opset), path);
    EXPECT_EQ(report.opset, opset);
    EXPECT_EQ(report.weights_replaced, report.weights_compared);
    EXPECT_GT(report.weights_replaced, 200U);
    EXPECT_EQ(report.weights_used, report.weights_total);
    const Detector detector(path);
    for (const auto& [height, width] : {std::pair(97, 211), {240, 240}, {301, 180}}) {
      expect_same_answers(own, detector, scene(1, height, width));
    }
    expect_same_answers(own, detector, scene(2, 160, 201));
  }
}

TEST(Backbone, NodesAndWeightsAreNamedAsInTheCheckpoint) {
  const std::vector<std::byte> file = bytes_of(backbone_model());
  const ExportedModel exported = export_to_memory(checkpoint(), with(file));
  const OnnxModel model = parse_onnx_model(exported.bytes);
  std::vector<std::string> weights;
  for (const OnnxTensor& tensor : model.graph.initializers) weights.push_back(tensor.name);
  EXPECT_THAT(weights, Contains("backbone.fpn.inner_blocks.0.0.weight"));
  std::size_t inside = 0;
  for (const OnnxNode& node : model.graph.nodes) {
    if (node.name.starts_with("backbone.")) ++inside;
  }
  EXPECT_GT(inside, 100U);
}

TEST(Backbone, MetadataNeedNoRun) {
  OnnxModel model = backbone_model();
  model.metadata["tv2onnx.backbone"] = kFacts;
  const std::vector<std::byte> file = bytes_of(model);
  ExportOptions options;
  options.backbone = BackboneFile{.bytes = file};
  EXPECT_NO_THROW(export_to_memory(checkpoint(), options));
  options.backbone->strides = {16, 32, 64};
  EXPECT_THAT(message_of([&] { export_to_memory(checkpoint(), options); }),
              AllOf(HasSubstr("error[W007]: strides 16,32,64"), HasSubstr("32,32,64")));
  options.backbone->strides = {32};
  EXPECT_THAT(message_of([&] { export_to_memory(checkpoint(), options); }),
              HasSubstr("error[W007]: 1 stride"));
}

TEST(Backbone, WithoutMetadataAndRunIsRefused) {
  const std::vector<std::byte> file = bytes_of(backbone_model());
  ExportOptions options;
  options.backbone = BackboneFile{.bytes = file};
  EXPECT_THAT(message_of([&] { export_to_memory(checkpoint(), options); }),
              AllOf(HasSubstr("error[W007]: no metadata"), HasSubstr("export_backbone.py")));
}

TEST(Backbone, WhatTheTracedImageDecidedIsRefused) {
  const auto with_facts = [](std::string_view from, std::string_view to) {
    return refused([&](OnnxModel& model) {
      std::string facts = kFacts;
      facts.replace(facts.find(from), from.size(), to);
      model.metadata["tv2onnx.backbone"] = facts;
    });
  };
  EXPECT_THAT(
      with_facts(R"("changed":[])", R"("changed":["attn/Slice_3"])"),
      AllOf(HasSubstr("error[W007]: what the traced image decided"), HasSubstr("attn/Slice_3")));
  EXPECT_THAT(with_facts("[224,160],[672,416]", "[224,160]"), HasSubstr("fewer than three traces"));
  EXPECT_THAT(with_facts(R"("name":"1")", R"("name":"2")"), HasSubstr("readable \"maps\""));
  EXPECT_THAT(with_facts(R"("stride":64)", R"("stride":48)"), HasSubstr("48 pixels per cell"));
  EXPECT_THAT(with_facts(R"("module":"backbone")", R"("module":"backbone.body")"),
              AllOf(HasSubstr("error[W007]: maps of 256, 256, 256 channels"),
                    HasSubstr("fed with (160, 960 channels)")));
}

/// A shape for one size of the image only: the file runs for no other.
void bake_a_size(OnnxModel& model) {
  model.metadata.clear();
  const std::string map = model.graph.outputs.back().name;
  OnnxNode node;
  node.op = "Reshape";
  node.inputs = {map, "shape"};
  node.outputs = {"baked"};
  model.graph.initializers.push_back(
      stored_tensor("shape", make_tensor({4}, std::vector<std::int64_t>{1, 256, 4, 4})));
  model.graph.nodes.push_back(node);
  model.graph.outputs.back().name = "baked";
}

TEST(Backbone, AShapeOfOneSizeIsRefused) {
  EXPECT_THAT(refused(bake_a_size), AllOf(HasSubstr("error["), HasSubstr("Reshape")));
}

OnnxNode node_of(std::string op, const OnnxModel& model) {
  OnnxNode node;
  node.op = std::move(op);
  node.name = "odd";
  node.inputs = {model.graph.inputs[0].name};
  node.outputs = {"nobody reads this"};
  return node;
}

TEST(Backbone, OperatorsThatDoNotGoIntoADetectorAreNamed) {
  const auto added = [](const std::function<void(OnnxNode&)>& change) {
    return refused([&](OnnxModel& model) {
      OnnxNode node = node_of("Relu", model);
      change(node);
      model.graph.nodes.push_back(std::move(node));
      model.metadata.clear();
    });
  };
  EXPECT_THAT(added([](OnnxNode& node) {
                node.op = "Loop";
                node.attributes = {Sketch::branch("body", Sketch())};
              }),
              AllOf(HasSubstr("error[W007]: a node Loop"), HasSubstr("odd (Loop)")));
  EXPECT_THAT(added([](OnnxNode& node) { node.domain = "com.microsoft"; }),
              HasSubstr("a node Relu of the domain com.microsoft"));
  EXPECT_THAT(added([](OnnxNode& node) {
                node.op = "BatchNormalization";
                node.attributes = {integer_attribute("training_mode", 1)};
              }),
              HasSubstr("a node as it is while training"));
  const auto dropout = [&](float share) {
    return refused([&](OnnxModel& model) {
      OnnxNode node = node_of("Dropout", model);
      node.inputs.insert(node.inputs.end(), {"share", "training"});
      model.graph.initializers.push_back(
          stored_tensor("share", make_tensor({}, std::vector<float>{share})));
      model.graph.initializers.push_back(stored_tensor("training", make_bool_tensor({}, {1})));
      model.graph.nodes.push_back(std::move(node));
    });
  };
  EXPECT_THAT(dropout(0.5F), HasSubstr("a node as it is while training"));
  EXPECT_EQ(dropout(0), "") << "which drops nothing";
  EXPECT_THAT(added([](OnnxNode& node) {
                node.op = "Transpose";
                node.attributes = {integers_attribute("perm", {0, 1, 3, 2, 4, 5})};
              }),
              AllOf(HasSubstr("error[W007]: windows"), HasSubstr("odd (Transpose)")));
  EXPECT_THAT(added([](OnnxNode& node) { node.inputs = {"unknown"}; }), HasSubstr("unknown"));
}

TEST(Backbone, PortsOfAnotherKindAreNamed) {
  const auto port = [](const std::function<void(OnnxGraph&)>& change) {
    return refused([&](OnnxModel& model) { change(model.graph); });
  };
  EXPECT_THAT(port([](OnnxGraph& graph) {
                (*graph.inputs[0].dims)[2] = {224, ""};
              }),
              AllOf(HasSubstr("the number 224 as dimension 2"), HasSubstr("dynamic_axes")));
  EXPECT_THAT(port([](OnnxGraph& graph) { graph.inputs[0].data_type = 2; }),
              HasSubstr("one input, float32"));
  EXPECT_THAT(port([](OnnxGraph& graph) { graph.outputs[0].dims->pop_back(); }),
              HasSubstr("an output that is no feature map"));
  EXPECT_THAT(port([](OnnxGraph& graph) { graph.outputs.pop_back(); }), HasSubstr("error[W0"));
}

TEST(Backbone, OtherWeightsThanTheCheckpointsAreRefused) {
  const auto weight = [](const std::function<void(OnnxTensor&)>& change) {
    return refused([&](OnnxModel& model) {
      const auto found =
          std::ranges::find(model.graph.initializers, "body.4.block.2.fc1.bias", &OnnxTensor::name);
      ASSERT_NE(found, model.graph.initializers.end());
      change(*found);
    });
  };
  EXPECT_THAT(weight([](OnnxTensor& tensor) {
                std::vector<float> values = to_float(*tensor.tensor());
                values[0] += 1;
                replace_elements(tensor, make_tensor(tensor.dims, values));
              }),
              AllOf(HasSubstr("error[W007]: 1 tensor"),
                    HasSubstr("backbone.body.4.block.2.fc1.bias: 1 of 24 numbers differ")));
  // Weights under other names are no reason to refuse the rest, unless all have other names.
  EXPECT_EQ(weight([](OnnxTensor&) {}), "");
  const std::string unnamed = refused([](OnnxModel& model) {
    NewNames names;
    for (const OnnxTensor& tensor : model.graph.initializers)
      names[tensor.name] = "w" + tensor.name;
    rename_values(model.graph, names);
  });
  EXPECT_THAT(unnamed,
              AllOf(HasSubstr("error[W007]: none of the backbone's"), HasSubstr("PRESERVE")));
}

TEST(Backbone, OptionsThatContradictItAreRefused) {
  const std::vector<std::byte> file = bytes_of(backbone_model(13));
  ExportOptions options = with(file);
  options.opset = 17;
  EXPECT_THAT(message_of([&] { export_to_memory(checkpoint(), options); }),
              AllOf(HasSubstr("error[U002]"), HasSubstr("a backbone of opset 13")));
}

}  // namespace
}  // namespace tv2onnx
