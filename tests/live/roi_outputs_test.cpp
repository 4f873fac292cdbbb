// Masks and keypoints of exported files, compared with what the installed torchvision found.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/onnx_checker.h"
#include "support/tensors.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/export.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Variant {
  std::string name;
  std::string arch;                                                ///< that "auto" must find
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< not in a state dict
};

const std::vector<std::pair<std::string, std::string>> kQuick{
    {"min_size", "160"}, {"max_size", "240"}, {"box_detections_per_img", "12"}};

const std::vector<Variant> kVariants{
    {"masks", "maskrcnn_resnet50_fpn", kQuick},
    {"masks_assembled", "maskrcnn_resnet50_fpn", {}},
    {"keypoints", "keypointrcnn_resnet50_fpn", kQuick},
    {"keypoints_assembled", "keypointrcnn_resnet50_fpn", {}},
};

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

Session exported(const Variant& variant, MaskOutput masks, OutputMode outputs = OutputMode::kFlat) {
  ExportOptions options;
  options.write.overwrite = true;
  options.build.outputs = outputs;
  options.build.masks = masks;
  options.build.torchvision = parse_torchvision_version(
      read_reference(live(variant.name + ".safetensors")).metadata.at("torchvision"));
  for (const auto& [name, value] : variant.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  const std::string file = live(variant.name + ".onnx");
  const ExportReport report =
      export_onnx(open_checkpoint(live(variant.name + ".pth")), file, options);
  EXPECT_EQ(report.arch, variant.arch);
  EXPECT_THAT(report.differences, IsEmpty());
  EXPECT_EQ(testing::check_with_onnx(file), "");
  const OnnxSummary summary = read_onnx_summary(file);
  for (const char* banned : {"Loop", "If", "Scan", "SequenceConstruct", "SequenceAt"}) {
    EXPECT_FALSE(summary.operators.contains(banned)) << banned;
  }
  return {file, {}};
}

/// float32 [n, 3, height, width] in 0..1.
Tensor unit_range(const Tensor& pixels) {
  const std::int64_t count = pixels.shape[0];
  const auto area = static_cast<std::size_t>(pixels.shape[1] * pixels.shape[2]);
  const std::vector<float> bytes = to_float(pixels);
  std::vector<float> values(bytes.size());
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    const std::size_t image = k / (3 * area);
    const std::size_t place = k % (3 * area) / 3;
    values[(3 * image + k % 3) * area + place] = bytes[k] / 255.0F;
  }
  return make_tensor({count, 3, pixels.shape[1], pixels.shape[2]}, std::move(values));
}

/// Rows of numbers, of which those of one image are looked at.
struct Rows {
  std::vector<float> values;
  std::size_t width = 0;

  explicit Rows(const Tensor& tensor) : values(to_float(tensor)) {
    width = tensor.shape[0] > 0 ? values.size() / static_cast<std::size_t>(tensor.shape[0]) : 0;
  }
  std::size_t size() const { return width > 0 ? values.size() / width : 0; }
  std::span<const float> operator[](std::size_t row) const {
    return std::span(values).subspan(row * width, width);
  }
};

double distance(std::span<const float> a, std::span<const float> b) {
  double worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    worst = std::max(worst, std::abs(double{a[k]} - b[k]));
  }
  return worst;
}

struct Nearest {
  std::size_t row = 0;
  double distance = std::numeric_limits<double>::infinity();
};

/// The row of `boxes` that is nearest to a box.
Nearest nearest(std::span<const float> box, const Rows& boxes) {
  Nearest best;
  for (std::size_t row = 0; row < boxes.size(); ++row) {
    const double far = distance(box, boxes[row]);
    if (far < best.distance) best = {row, far};
  }
  return best;
}

/// What is compared of one kind of output.
struct Kind {
  std::string name;
  double tolerance;
};

constexpr std::size_t kFirstPart = 3;  // outputs after boxes, labels, scores

struct Tally {
  std::size_t detections = 0;
  std::size_t unpaired = 0;  ///< other boxes: parity_test judges these
  std::size_t values = 0;
  std::size_t apart = 0;  ///< further apart than both the tolerance and thrice torch's own error
  double worst = 0;       ///< of the others
};

struct Recorded {
  Rows boxes;
  Rows boxes64;
  Rows values;
  Rows values64;
};

Recorded recorded(const Checkpoint& arrays, const std::string& image, const Kind& kind) {
  const auto rows = [&](const std::string& key) {
    return Rows(*arrays.find(fmt::format("{}/{}", image, key)));
  };
  return {rows("boxes"), rows("boxes64"), rows(kind.name), rows(kind.name + "64")};
}

/// Compares the values that belong to the same boxes. For keypoints a value is a point.
void compare_image(const Recorded& expected, const Rows& boxes, const Rows& values,
                   const Kind& kind, Tally& tally) {
  const std::size_t step = kind.name == "keypoints" ? 3 : 1;
  for (std::size_t row = 0; row < expected.boxes.size(); ++row) {
    ++tally.detections;
    const Nearest precise = nearest(expected.boxes[row], expected.boxes64);
    const Nearest found = nearest(expected.boxes[row], boxes);
    if (found.distance > std::max(0.02, 3 * precise.distance) || precise.distance > 1) {
      ++tally.unpaired;
      continue;
    }
    const auto want = expected.values[row];
    const auto have = values[found.row];
    const auto exact = expected.values64[precise.row];
    ASSERT_EQ(want.size(), have.size());
    for (std::size_t k = 0; k < want.size(); k += step) {
      const double far = distance(want.subspan(k, step), have.subspan(k, step));
      const double own = distance(want.subspan(k, step), exact.subspan(k, step));
      ++tally.values;
      if (far > std::max(kind.tolerance, 3 * own)) {
        ++tally.apart;
      } else {
        tally.worst = std::max(tally.worst, far);
      }
    }
  }
}

/// The rows of `all` whose image is `image`.
Rows rows_of(const Tensor& all, const std::vector<std::int64_t>& images, std::int64_t image) {
  Rows rows(all);
  std::vector<float> kept;
  for (std::size_t row = 0; row < images.size(); ++row) {
    if (images[row] != image) continue;
    kept.insert(kept.end(), rows[row].begin(), rows[row].end());
  }
  rows.values = std::move(kept);
  return rows;
}

/// What was compared of each kind.
std::vector<Tally> compare_all(const Session& session, const Variant& variant,
                               const std::vector<Kind>& kinds) {
  const Reference reference = read_reference(live(variant.name + ".safetensors"));
  const Checkpoint arrays = open_checkpoint(live(variant.name + ".safetensors"));
  std::vector<Tally> tallies(kinds.size());
  for (const ReferenceCase& one : reference.cases) {
    const std::vector<Tensor> found = session.run({unit_range(one.input)});
    const std::vector<std::int64_t> images = to_int64(found.back());
    for (std::size_t k = 0; k < one.images.size(); ++k) {
      const auto image = static_cast<std::int64_t>(k);
      const Rows boxes = rows_of(found[0], images, image);
      for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        const Recorded expected = recorded(arrays, fmt::format("{}/{}", one.name, k), kinds[kind]);
        compare_image(expected, boxes, rows_of(found[kFirstPart + kind], images, image),
                      kinds[kind], tallies[kind]);
      }
    }
  }
  return tallies;
}

class RoiOutputs : public ::testing::TestWithParam<Variant> {};

TEST_P(RoiOutputs, AreThoseOfTorchvision) {
  const Variant& variant = GetParam();
  const bool has_masks = variant.name.starts_with("masks");
  const Session session = exported(variant, has_masks ? MaskOutput::kRoi : MaskOutput::kAuto);
  const std::vector<Kind> kinds =
      has_masks ? std::vector<Kind>{{"masks", 1e-3}}
                : std::vector<Kind>{{"keypoints", 0.05}, {"keypoints_scores", 1e-3}};
  const std::vector<Tally> tallies = compare_all(session, variant, kinds);
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const Tally& tally = tallies[k];
    EXPECT_EQ(session.outputs()[kFirstPart + k].name, kinds[k].name);
    fmt::print("{}: {} detections, {}: {} of {} apart, worst {:.2g}\n", variant.name,
               tally.detections, kinds[k].name, tally.apart, tally.values, tally.worst);
    EXPECT_GE(tally.detections, 40U);
    EXPECT_LE(tally.unpaired * 50, tally.detections);
    // A keypoint may jump to another peak of the same height.
    EXPECT_LE(tally.apart * 200, tally.values);
  }
}

INSTANTIATE_TEST_SUITE_P(Live, RoiOutputs, ::testing::ValuesIn(kVariants),
                         [](const auto& one) { return one.param.name; });

/// Names and symbolic dimensions of the outputs, as `masks [batch, detections, ?, ?, ?]`.
std::vector<std::string> ports(const Session& session) {
  std::vector<std::string> texts;
  for (const PortInfo& port : session.outputs()) {
    texts.push_back(fmt::format("{} [{}]", port.name, fmt::join(port.symbols, ", ")));
  }
  return texts;
}

TEST(RoiOutputs, FilesSayWhatTheyHave) {
  const auto masks = [](OutputMode outputs, MaskOutput kind) {
    return exported(kVariants[1], kind, outputs);
  };
  const Session batched = masks(OutputMode::kBatched, MaskOutput::kAuto);
  EXPECT_EQ(batched.metadata().at("tv2onnx.masks"), "roi");
  EXPECT_THAT(ports(batched),
              ElementsAre("boxes [batch, detections, ]", "labels [batch, detections]",
                          "scores [batch, detections]", "masks [batch, detections, , , ]",
                          "num_detections [batch]"));
  const Session fixed = masks(OutputMode::kFixed, MaskOutput::kFull);
  EXPECT_EQ(fixed.metadata().at("tv2onnx.masks"), "full");
  EXPECT_EQ(ports(fixed)[3], "masks [batch, , , height, width]");
  const Session flat = masks(OutputMode::kFlat, MaskOutput::kAuto);
  EXPECT_EQ(flat.metadata().at("tv2onnx.masks"), "full");
  EXPECT_EQ(ports(flat)[3], "masks [detections, , height, width]");

  const Session points = exported(kVariants[3], MaskOutput::kAuto, OutputMode::kBatched);
  EXPECT_FALSE(points.metadata().contains("tv2onnx.masks"));
  EXPECT_EQ(ports(points)[3], "keypoints [batch, detections, , ]");
  EXPECT_EQ(ports(points)[4], "keypoints_scores [batch, detections, ]");
}

TEST(RoiOutputs, BlankImagesInABatchHaveNoDetections) {
  // Nothing passes this threshold, so that no image has any.
  for (const std::size_t variant : {1U, 3U}) {
    Variant strict = kVariants[variant];
    strict.settings = {{"box_score_thresh", "1.0"}};
    const Tensor images = make_tensor({2, 3, 40, 60}, std::vector<float>(14400, 0.5F));
    for (const MaskOutput masks : {MaskOutput::kRoi, MaskOutput::kFull}) {
      if (variant == 3 && masks == MaskOutput::kFull) continue;
      const MaskOutput kind = variant == 3 ? MaskOutput::kAuto : masks;
      const auto flat = exported(strict, kind, OutputMode::kFlat).run({images});
      EXPECT_EQ(flat[kFirstPart].shape[0], 0);
      const auto batched = exported(strict, kind, OutputMode::kBatched).run({images});
      EXPECT_EQ(batched[kFirstPart].shape[1], 0);
      const auto fixed = exported(strict, kind, OutputMode::kFixed).run({images});
      EXPECT_EQ(fixed[kFirstPart].shape[1], 12);
      EXPECT_THAT(to_float(fixed[kFirstPart]), Each(0.0F));
    }
  }
}

TEST(RoiOutputs, FullMasksAreThoseOfTorchvision) {
  const Session session = exported(kVariants[0], MaskOutput::kAuto);
  const Checkpoint arrays = open_checkpoint(live("masks_full.safetensors"));
  const std::vector<Tensor> found = session.run({unit_range(*arrays.find("input"))});
  testing::expect_near(found[kFirstPart], *arrays.find("masks"), 1e-3F);
}

}  // namespace
}  // namespace tv2onnx
