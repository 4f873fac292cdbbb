// The one table of models.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/faster_rcnn.h"

namespace tv2onnx {

std::span<const Model> models() {
  static const std::vector<Model> table{
      fasterrcnn_resnet50_fpn(),
      fasterrcnn_resnet50_fpn_v2(),
      fasterrcnn_mobilenet_v3_large_fpn(),
      fasterrcnn_mobilenet_v3_large_320_fpn(),
  };
  return table;
}

const Model& find_model(std::string_view name) {
  const std::span<const Model> table = models();
  const auto found = std::ranges::find(table, name, &Model::name);
  if (found != table.end()) return *found;
  std::vector<std::string_view> names;
  for (const Model& model : table) names.push_back(model.name);
  const std::string nearest = nearest_name(name, names);
  throw Error({.code = "U001",
               .found = fmt::format("there is no architecture '{}'", printable(name)),
               .where = {.item = "--arch"},
               .hint = nearest.empty() ? "tv2onnx models lists them"
                                       : fmt::format("did you mean {}?", nearest)});
}

}  // namespace tv2onnx
