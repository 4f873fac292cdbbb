// 8 bits for a trained detector in files of torch.onnx.export (live_shapes.py), and for a
// transformer whose head tells kinds of pictures (live_transformers.py).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "onnx/model.h"
#include "onnx/write.h"
#include "rewrite/edit.h"
#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/export.h"
#include "tv2onnx/image.h"
#include "tv2onnx/quantize.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using testing::files_in;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TemporaryFolder;

const fs::path kLive = TV2ONNX_LIVE_DIR;
const fs::path kPhotos = TV2ONNX_SOURCE_DIR "/examples/shapes/images";

fs::path shapes(const char* name) {
  return kLive / "shapes" / name;
}

/// Those of the size that the static file was traced with.
std::vector<fs::path> traced_size() {
  return {kPhotos / "002.jpg", kPhotos / "028.jpg", kPhotos / "039.jpg", kPhotos / "043.jpg"};
}

void expect_recipe_of_ours(const QuantizeReport& report) {
  EXPECT_EQ(report.convolutions, 7U);  // four of the pyramid, one of the proposals on three levels
  EXPECT_EQ(report.layers, 2U);
  EXPECT_GE(report.confident, 7U);
  EXPECT_EQ(report.kept, report.confident);
  EXPECT_EQ(report.added, 0U);
  EXPECT_LT(report.bytes_after, report.bytes_before * 55 / 100);
}

TEST(LiveQuantizeForeign, ADetectorOfAnySizeByTheRecipeOfOurs) {
  const TemporaryFolder folder;
  const fs::path out = folder / "int8.onnx";
  const fs::path model = shapes("dynamic.onnx");
  const QuantizeReport report = quantize(model, traced_size(), out, {.explain = true});
  expect_recipe_of_ours(report);
  EXPECT_EQ(report.costs.size(), 7U);
  const InputCase one{"photo", read_image(kPhotos / "002.jpg")};
  const VerifyReport verified = verify(Detector(out), reference_from(Detector(model), {one}));
  EXPECT_EQ(verified.verdict, Verdict::kEqual) << verified.reason;
  EXPECT_THAT(verified.standard, HasSubstr("int8 numbers, judged by what is kept"));
  EXPECT_THAT(message_of([&] { quantize(out, traced_size(), folder / "again.onnx"); }),
              HasSubstr("quantised already: int8"));
}

/// It was traced with objects, and one of the photos has none.
TEST(LiveQuantizeForeign, ADetectorThatFailsIsRefusedUntilTheDoctorHasRepairedIt) {
  const TemporaryFolder folder;
  const fs::path out = folder / "int8.onnx";
  const fs::path model = shapes("dynamic.onnx");
  const std::string message = message_of([&] { quantize(model, files_in(kPhotos), out); });
  EXPECT_THAT(message, HasSubstr("R003]: "));
  EXPECT_THAT(message, HasSubstr("009.jpg"));
  EXPECT_THAT(message, HasSubstr("tv2onnx doctor"));
  EXPECT_FALSE(fs::exists(out));
  const fs::path fixed = folder / "fixed.onnx";
  fix(model, fixed, {});
  const QuantizeReport report = quantize(fixed, files_in(kPhotos), out);
  EXPECT_EQ(report.convolutions, 7U);
  EXPECT_EQ(report.layers, 2U);
  EXPECT_GE(report.confident, 6U);
  EXPECT_EQ(report.kept, report.confident);
}

TEST(LiveQuantizeForeign, ADetectorOfOneSizeOnPhotosOfThatSize) {
  const TemporaryFolder folder;
  const fs::path out = folder / "int8.onnx";
  expect_recipe_of_ours(quantize(shapes("static.onnx"), traced_size(), out));
  const std::string message =
      message_of([&] { quantize(shapes("static.onnx"), files_in(kPhotos), folder / "no.onnx"); });
  EXPECT_THAT(message, HasSubstr("R006]: an image of height 320 and width 416"));
  EXPECT_THAT(message, HasSubstr("000.jpg"));
  EXPECT_THAT(message, HasSubstr("height 480 and width 640"));
  EXPECT_FALSE(fs::exists(folder / "no.onnx"));
}

TEST(LiveQuantizeForeign, OldOpsetsTakeFullyConnectedLayersOnly) {
  const TemporaryFolder folder;
  const fs::path out = folder / "int8.onnx";
  EXPECT_THAT(message_of([&] { quantize(shapes("opset11.onnx"), traced_size(), out); }),
              HasSubstr("U002]: opset 11"));
  EXPECT_FALSE(fs::exists(out));
  const QuantizeReport report =
      quantize(shapes("opset11.onnx"), traced_size(), out, {.recipe = Recipe::kHead});
  EXPECT_EQ(report.convolutions, 0U);
  EXPECT_EQ(report.layers, 2U);
  EXPECT_EQ(report.kept, report.confident);
}

/// Without names of nodes, as some tools write files, and with a bias that is stored once for two
/// layers.
OnnxModel nameless(const fs::path& path) {
  OnnxModel model = read_onnx_model(path);
  for (OnnxNode& node : model.graph.nodes) {
    if (node.input(1) == "backbone.fpn.inner_blocks.0.0.weight") {
      model.graph.nodes.push_front(node_of("Identity", {node.input(2)}, "the same"));
      node.inputs[2] = "the same";
    }
    node.source = {};
    node.name = "";
  }
  return model;
}

OnnxModel with_numbers(OnnxModel model) {
  NewNames names;
  for (const OnnxTensor& tensor : model.graph.initializers) {
    names.emplace(tensor.name, std::to_string(names.size()));
  }
  rename_values(model.graph, names);
  return model;
}

TEST(LiveQuantizeForeign, LayersAreKnownByTheirWeightsWhereNodesHaveNoNames) {
  const TemporaryFolder folder;
  const fs::path model = folder / "nameless.onnx";
  const fs::path out = folder / "int8.onnx";
  write_onnx(nameless(shapes("dynamic.onnx")), model, {});
  expect_recipe_of_ours(quantize(model, traced_size(), out));

  const fs::path numbered = folder / "numbered.onnx";
  write_onnx(with_numbers(nameless(shapes("dynamic.onnx"))), numbered, {});
  const std::string message =
      message_of([&] { quantize(numbered, traced_size(), folder / "no.onnx"); });
  EXPECT_THAT(message, HasSubstr("R007]: neither names of nodes nor of weights"));
  EXPECT_THAT(message, HasSubstr("--rebuild"));
  EXPECT_FALSE(fs::exists(folder / "no.onnx"));
}

TEST(LiveQuantizeTransformer, KeepsTheClassOfEachPicture) {
  const TemporaryFolder folder;
  const fs::path model = folder / "swin.onnx";
  ExportOptions exporting;
  exporting.overrides = {{"resize_size", {std::int64_t{64}}, "test"},
                         {"crop_size", {std::int64_t{64}}, "test"}};
  export_onnx(open_checkpoint(kLive / "transformers" / "swin_t.pth"), model, exporting);
  const std::vector<fs::path> photos = files_in(kLive / "transformers" / "photos64");
  const QuantizeReport report = quantize(model, photos, folder / "int8.onnx");
  EXPECT_EQ(report.convolutions, 0U);
  EXPECT_GT(report.layers, 48U);  // four of each of twelve blocks, three between, the head
  EXPECT_EQ(report.confident, photos.size() / 2);
  EXPECT_EQ(report.kept, report.confident);
  EXPECT_LT(report.bytes_after, report.bytes_before * 30 / 100);

  const Classifier was(model);
  const Classifier is(folder / "int8.onnx");
  double cosine = 1;
  std::set<std::int64_t> kinds;
  for (std::size_t k = 0; k < 8; ++k) {
    const Tensor input = was.session_input(read_image(photos[k]));
    const std::vector<float> a = to_float(was.session().run({input})[0]);
    const std::vector<float> b = to_float(is.session().run({input})[0]);
    kinds.insert(std::ranges::max_element(a) - a.begin());
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t c = 0; c < a.size(); ++c) {
      ab += double{a[c]} * b[c];
      aa += double{a[c]} * a[c];
      bb += double{b[c]} * b[c];
    }
    cosine = std::min(cosine, ab / std::sqrt(aa * bb));
  }
  EXPECT_EQ(kinds.size(), 8U) << "the head tells nothing";
  EXPECT_GT(cosine, 0.995);
  EXPECT_LT(cosine, 1 - 1e-9) << "nothing was quantised";
}

}  // namespace
}  // namespace tv2onnx
