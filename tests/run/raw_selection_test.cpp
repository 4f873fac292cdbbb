#include "run/raw_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/anchors.h"
#include "support/dense_golden.h"
#include "support/golden.h"

namespace tv2onnx {
namespace {

using testing::Golden;
using testing::dense::Case;
using testing::dense::kCases;
using testing::dense::kClasses;
using testing::dense::kGrids;

constexpr ImageSize kSize{92, 121};

struct Family {
  std::string name;
  RawFamily family;
  std::vector<std::int64_t> anchors;
  double nms_thresh;
};

const Family kRetinaNet{"retinanet", RawFamily::kRetinaNet, {6, 6, 6}, 0.5};
const Family kFcos{"fcos", RawFamily::kFcos, {1, 1, 1}, 0.6};
const Family kSsd{"ssd", RawFamily::kSsd, {4, 6, 2}, 0.45};

void PrintTo(const Family& family, std::ostream* out) {
  *out << family.name;
}

std::vector<Corners> corners_of(const Tensor& tensor) {
  std::vector<Corners> all;
  const std::vector<float> values = to_float(tensor);
  for (std::size_t k = 0; k < values.size(); k += 4) {
    all.push_back({values[k], values[k + 1], values[k + 2], values[k + 3]});
  }
  return all;
}

/// Anchors on a padded image of 96 x 128.
std::vector<Corners> anchors_on_grids(const AnchorSpec& spec) {
  std::vector<Corners> all;
  for (std::size_t k = 0; k < kGrids.size(); ++k) {
    const std::vector<Corners> cell =
        corners_of(cell_anchors(spec.sizes[k], spec.aspect_ratios[k]));
    for (std::int64_t place = 0; place < kGrids[k].height * kGrids[k].width; ++place) {
      const auto [height, width] = kGrids[k];
      const std::int64_t top = place / width * (96 / height);
      const std::int64_t left = place % width * (128 / width);
      const auto y = static_cast<float>(top);
      const auto x = static_cast<float>(left);
      for (const Corners& box : cell) {
        all.push_back({box[0] + x, box[1] + y, box[2] + x, box[3] + y});
      }
    }
  }
  return all;
}

std::vector<Corners> references_of(const Family& family) {
  const std::vector<double> ratios{0.5, 1.0, 1.7};
  if (family.family == RawFamily::kRetinaNet) {
    return anchors_on_grids({{{12, 20}, {30, 41}, {70, 90}}, {ratios, ratios, ratios}});
  }
  if (family.family == RawFamily::kFcos) {
    return anchors_on_grids({{{8}, {16}, {32}}, {{1}, {1}, {1}}});
  }
  const DefaultBoxSpec boxes{
      {{2}, {2, 3}, {}}, {0.07, 0.35, 0.7, 1.05}, std::vector<double>{8, 17, 31}};
  return corners_of(default_boxes(boxes, kGrids, {kSize[0], kSize[1]}));
}

/// [2, anchors * columns, h, w] of each level -> [h * w * anchors of all levels, columns] of an
/// image, as the exported heads give it.
std::vector<float> rows(const Golden& golden, const std::string& name, const Family& family,
                        std::size_t columns, std::size_t image) {
  std::vector<float> all;
  for (std::size_t level = 0; level < kGrids.size(); ++level) {
    const std::vector<float> map = to_float(golden[name + "." + std::to_string(level)]);
    const auto area = static_cast<std::size_t>(kGrids[level].height * kGrids[level].width);
    const std::size_t channels = static_cast<std::size_t>(family.anchors[level]) * columns;
    for (std::size_t place = 0; place < area; ++place) {
      for (std::size_t channel = 0; channel < channels; ++channel) {
        all.push_back(map[(image * channels + channel) * area + place]);
      }
    }
  }
  return all;
}

RawModel model_of(const Family& family, const Case& c) {
  RawModel model{.family = family.family,
                 .input = {96, 128},
                 .classes = kClasses,
                 .transform = {},
                 .selection = {.score_thresh = 0.05,
                               .nms_thresh = family.nms_thresh,
                               .detections_per_img = c.limit,
                               .topk_candidates = c.top_n},
                 .references = references_of(family),
                 .levels = {}};
  for (std::size_t k = 0; k < kGrids.size(); ++k) {
    model.levels.push_back(
        static_cast<std::size_t>(kGrids[k].height * kGrids[k].width * family.anchors[k]));
  }
  return model;
}

void expect_detections(const Detections& found, const Golden& golden, const std::string& name,
                       const std::string& image) {
  const std::vector<Corners> boxes = corners_of(golden[name + ".boxes." + image]);
  const std::vector<float> scores = to_float(golden[name + ".scores." + image]);
  const std::vector<std::int64_t> labels = to_int64(golden[name + ".labels." + image]);
  ASSERT_EQ(found.size(), scores.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    for (std::size_t corner = 0; corner < 4; ++corner) {
      EXPECT_NEAR(found[k].box[corner], boxes[k][corner], 1e-3) << k;
    }
    EXPECT_NEAR(found[k].score, scores[k], 1e-6) << k;
    EXPECT_EQ(found[k].label, labels[k]) << k;
  }
}

class RawSelection : public ::testing::TestWithParam<Family> {};

TEST_P(RawSelection, IsThatOfTorchvisionInItsOrder) {
  const Family& family = GetParam();
  const Golden golden(family.name);
  for (const Case& c : kCases) {
    for (const std::size_t image : {0, 1}) {
      SCOPED_TRACE(c.name + ", image " + std::to_string(image));
      const auto logits = rows(golden, c.name + ".logits", family, kClasses, image);
      const auto deltas = rows(golden, "deltas", family, 4, image);
      std::vector<float> centerness;
      if (family.name == "fcos") centerness = rows(golden, "centerness", family, 1, image);
      const Detections found =
          select_detections({logits, deltas, centerness}, model_of(family, c), kSize, kSize);
      expect_detections(found, golden, c.name, std::to_string(image));
    }
  }
}

TEST_P(RawSelection, GivesBoxesInPixelsOfTheImage) {
  const Family& family = GetParam();
  const Golden golden(family.name);
  const auto logits = rows(golden, "few.logits", family, kClasses, 0);
  const auto deltas = rows(golden, "deltas", family, 4, 0);
  const std::vector<float> centerness(references_of(family).size(), 2.0F);
  const RawModel model = model_of(family, kCases[0]);
  const RawOutputs outputs{logits, deltas, centerness};
  const Detections same = select_detections(outputs, model, kSize, kSize);
  const Detections twice = select_detections(outputs, model, kSize, {kSize[0] * 2, kSize[1] * 3});
  ASSERT_FALSE(same.empty());
  EXPECT_FLOAT_EQ(twice[0].box[0], same[0].box[0] * 3);
  EXPECT_FLOAT_EQ(twice[0].box[3], same[0].box[3] * 2);
}

INSTANTIATE_TEST_SUITE_P(Families, RawSelection, ::testing::Values(kRetinaNet, kFcos, kSsd),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tv2onnx
