#include "zoo/video/clip_classifier.h"

#include <algorithm>
#include <utility>

namespace tv2onnx {
namespace {

Value input_of(Scope stem, const Dims& size) {
  const std::optional<Shape> weight = stem.shape("weight");
  const std::int64_t channels = weight && weight->size() == 5 ? (*weight)[1] : 3;
  return stem.graph().add_input("input", DType::kFloat32,
                                {"batch", channels, size[0], size[1], size[2]});
}

}  // namespace

PhotoSpec kinetics_frames(std::vector<std::int64_t> resize, std::int64_t crop) {
  return {.resize = std::move(resize),
          .crop = {crop},
          .antialias = false,
          .mean = {0.43216, 0.394666, 0.37645},
          .std = {0.22803, 0.22145, 0.216989}};
}

std::vector<Model> of_clips(std::vector<Model> rows, const PhotoSpec& frames) {
  for (Model& row : rows) {
    row.task = Task::kVideo;
    for (const Option& own : declare_options(frames)) {
      std::ranges::find(row.options, own.name, &Option::name)->standard = own.standard;
    }
  }
  return rows;
}

Value clip_input(Scope stem) {
  return input_of(stem, {"time", "height", "width"});
}

Value fixed_clip_input(Scope stem, const std::array<std::int64_t, 3>& size) {
  return input_of(stem, {size[0], size[1], size[2]});
}

}  // namespace tv2onnx
