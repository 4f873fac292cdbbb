#include "zoo/detection/portable.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// The settings that are the K of a TopK; each family has some of them.
constexpr std::array<std::string_view, 5> kTopKSettings{
    "rpn_pre_nms_top_n_test", "rpn_post_nms_top_n_test", "box_detections_per_img",
    "detections_per_img", "topk_candidates"};

}  // namespace

void require_portable(const Config& config, const BuildOptions& options) {
  if (!options.detection.portable) return;
  for (const std::string_view name : kTopKSettings) {
    if (!config.has(name)) continue;
    const std::int64_t count = *config[name].integer();
    if (count <= kMostOfTopK) continue;
    throw Error({.code = "U002",
                 .found = fmt::format("{} = {} of a portable file", name, count),
                 .where = {.item = std::string(name)},
                 .expected = fmt::format("up to {}: TensorRT sorts no more", kMostOfTopK),
                 .hint = "give a smaller number, or leave --target out"});
  }
}

ImageShape image_shape(const BuildOptions& options) {
  ImageShape shape;
  if (options.detection.batch) shape.batch = *options.detection.batch;
  if (options.detection.size) {
    shape.height = options.detection.size->front();
    shape.width = options.detection.size->back();
  }
  return shape;
}

}  // namespace tv2onnx
