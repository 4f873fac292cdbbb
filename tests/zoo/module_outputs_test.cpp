// Every output that --features can give, against that of torchvision's module: its shape, and two
// numbers of what it gives (tests/gen/features.py).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/designed_weights.h"
#include "support/files.h"
#include "support/run_graph.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"
#include "zoo/features.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::json;
using testing::TensorList;

Json golden(const char* name) {
  return Json::parse(
      testing::read_file(TV2ONNX_SOURCE_DIR "/tests/golden/zoo/" + std::string(name) + ".json"));
}

/// The weights, as the logits' golden has them.
Checkpoint checkpoint_of(const Json& one) {
  TensorList tensors = testing::builder_tensors().at(one["builder"].get<std::string>());
  const auto without = one["without"].get<std::set<std::string>>();
  std::erase_if(tensors, [&](const auto& tensor) {
    return one["with"].contains(tensor.first) || without.contains(tensor.first);
  });
  for (const auto& [key, shape] : one["with"].items()) {
    tensors.emplace_back(key, shape.get<Shape>());
  }
  return testing::with_designed_values(tensors, one["norms"].get<std::map<std::string, double>>());
}

/// The graph with an output for each path that is offered, whose paths come first.
std::vector<std::string> add_features(Graph& graph, const Json& rows) {
  std::vector<std::string> offered;
  for (const Json& row : rows) {
    try {
      feature_outputs(graph, {row[0].get<std::string>()});
      offered.push_back(row[0]);
    } catch (const Error&) {
    }
  }
  return offered;
}

void build_into(Graph& graph, const Json& one, const Checkpoint& checkpoint, const Json& rows) {
  const Model& model = find_model(one["builder"].get<std::string>());
  Config config(model.options);
  for (const auto& [name, value] : one["settings"].items()) {
    config.set(name, parse_json(value.dump()), "test");
  }
  BuildOptions options{.preprocess = Preprocess::kNone};
  for (const Json& row : rows) options.features.push_back(row[0]);
  if (!one["enlarged"].is_null()) {
    options.detection.size = {one["enlarged"].get<std::int64_t>(),
                              one["enlarged"].get<std::int64_t>()};
  }
  LoadReport load;
  const WeightSource source = weights_of(checkpoint);
  model.build(Scope(graph, source, load), config, options);
}

/// Root mean square, and the mean with weights that tell orders apart.
std::pair<double, double> numbers_of(const std::vector<float>& values) {
  constexpr std::size_t kPeriod = 89;
  double squares = 0;
  double weighted = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    squares += static_cast<double>(values[k]) * values[k];
    weighted += values[k] * (static_cast<double>(k % kPeriod) / (kPeriod / 2) - 1);
  }
  const auto count = static_cast<double>(values.size());
  return {std::sqrt(squares / count), weighted / count};
}

/// What is wrong with an output, or "".
std::string complaint(const Tensor& found, const Json& row) {
  const std::string path = row[0];
  if (Json(found.shape) != row[1]) {
    return path + " has shape " + Json(found.shape).dump() + " for " + row[1].dump() + "\n";
  }
  const auto [size, weighted] = numbers_of(to_float(found));
  const double wanted = row[2];
  const bool equal = std::abs(size - wanted) <= 1e-4 * wanted + 1e-9 &&
                     std::abs(weighted - row[3].get<double>()) <= 1e-4 * wanted + 1e-9;
  return equal ? "" : path + " has other numbers\n";
}

class ModuleOutputs : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ModuleOutputs, AreTorchvisionsOrRefused) {
  static const Json all = golden("features");
  static const Json cases = golden("classifiers");
  const Json& wanted = all[GetParam()];
  const Json& one = *std::ranges::find_if(
      cases, [&](const Json& each) { return each["name"] == wanted["name"]; });
  const Checkpoint checkpoint = checkpoint_of(one);
  Graph graph(17);
  build_into(graph, one, checkpoint, wanted["rows"]);
  const std::vector<std::string> offered = add_features(graph, wanted["rows"]);
  const auto side = [&](int axis) { return wanted["input"][axis].get<std::int64_t>(); };
  const std::vector<Tensor> results = testing::session_of(graph, testing::Optimise::kYes)
                                          .run({testing::designed_images(1, side(2), side(3))});
  std::string complaints;
  for (std::size_t k = 0; k < offered.size(); ++k) {
    const Json& row = *std::ranges::find_if(
        wanted["rows"], [&](const Json& each) { return each[0] == offered[k]; });
    complaints += complaint(results[k + 1], row);
  }
  EXPECT_EQ(complaints, "") << wanted["name"];
  EXPECT_GE(offered.size(), wanted["rows"].size() / 2);
}

INSTANTIATE_TEST_SUITE_P(Families, ModuleOutputs, ::testing::Range<std::size_t>(0, 16));

}  // namespace
}  // namespace tv2onnx
