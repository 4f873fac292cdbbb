#include "support/detections.h"

#include <fmt/format.h>

namespace tv2onnx::testing {

DetectionTable table_input(Graph& graph, std::int64_t limit) {
  DetectionTable table;
  table.boxes = graph.add_input("boxes", DType::kFloat32, {"batch", limit, 4});
  table.labels = graph.add_input("labels", DType::kInt64, {"batch", limit});
  table.valid = graph.add_input("valid", DType::kBool, {"batch", limit});
  table.limit = limit;
  return table;
}

std::vector<Tensor> table_of(const Golden& golden, const std::string& name, std::int64_t limit) {
  const auto rows = static_cast<std::size_t>(limit);
  std::vector<float> boxes;
  std::vector<std::int64_t> labels;
  std::vector<std::uint8_t> valid;
  for (const int image : {0, 1}) {
    std::vector<float> corners = to_float(golden[fmt::format("{}.boxes.{}", name, image)]);
    std::vector<std::int64_t> classes = to_int64(golden[fmt::format("{}.labels.{}", name, image)]);
    std::vector<std::uint8_t> counted(classes.size(), 1);
    corners.resize(rows * 4);
    classes.resize(rows);
    counted.resize(rows);
    boxes.insert(boxes.end(), corners.begin(), corners.end());
    labels.insert(labels.end(), classes.begin(), classes.end());
    valid.insert(valid.end(), counted.begin(), counted.end());
  }
  return {make_tensor({2, limit, 4}, std::move(boxes)), make_tensor({2, limit}, std::move(labels)),
          make_bool_tensor({2, limit}, std::move(valid))};
}

std::vector<FeatureMap> map_inputs(Graph& graph) {
  std::vector<FeatureMap> maps;
  for (const std::int64_t stride : {8, 16, 32}) {
    const std::string name = "map" + std::to_string(maps.size());
    maps.push_back({graph.add_input(name, DType::kFloat32, {"batch", 3, Dim(), Dim()}), stride});
  }
  return maps;
}

std::vector<Tensor> maps_and_table_of(const Golden& golden, const std::string& name,
                                      std::int64_t limit) {
  std::vector<Tensor> inputs{golden["map.0"], golden["map.1"], golden["map.2"]};
  const std::vector<Tensor> table = table_of(golden, name, limit);
  inputs.insert(inputs.end(), table.begin(), table.end());
  return inputs;
}

}  // namespace tv2onnx::testing
