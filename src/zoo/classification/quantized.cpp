#include "zoo/classification/quantized.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

constexpr auto kBuilders = std::to_array<std::string_view>(
    {"resnet18", "resnet50", "resnext101_32x8d", "resnext101_64x4d", "mobilenet_v2",
     "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0",
     "googlenet", "inception_v3", "mobilenet_v3_large"});

/// As the weights of this builder are, not those of the float one.
void prepare_photos(Model& row) {
  for (Option& photo : declare_options(default_photo(row.name))) {
    std::ranges::find(row.options, photo.name, &Option::name)->standard = std::move(photo.standard);
  }
}

}  // namespace

std::vector<Model> quantized(std::span<const Model> classifiers) {
  std::vector<Model> rows;
  for (const std::string_view builder : kBuilders) {
    Model row = *std::ranges::find(classifiers, builder, &Model::name);
    row.name = "quantized_" + row.name;
    row.description += ", of torchvision.models.quantization";
    prepare_photos(row);
    for (Option& option : row.options) {
      if (option.name == "quantizable") option.standard = {true};
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tv2onnx
