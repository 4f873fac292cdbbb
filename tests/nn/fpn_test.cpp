#include "nn/fpn.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::expect_near;
using testing::Golden;
using testing::kOpsets;
using testing::run_graph;

/// Weights with which each level is its own map plus the enlarged coarser one.
const Tensor* identity(std::string_view key) {
  static const Tensor one = make_tensor({1, 1, 1, 1}, std::vector<float>{1});
  static const Tensor centre =
      make_tensor({1, 1, 3, 3}, std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 0});
  static const Tensor zero = make_tensor({1}, std::vector<float>{0});
  if (key.ends_with("bias")) return &zero;
  if (!key.ends_with("0.weight")) return nullptr;
  return key.find("inner") != std::string_view::npos ? &one : &centre;
}

/// The finest level of a pyramid over zeros [many] and the numbers of the cells [few].
Tensor finest(int opset, std::int64_t few, std::int64_t many, std::int64_t step) {
  const WeightSource source{
      .find = identity, .module = [](auto) { return nullptr; }, .children = {}, .keys = {}};
  LoadReport report;
  Graph graph(opset);
  const Value fine = graph.add_input("fine", DType::kFloat32, {1, 1, "rows", 1});
  const Value coarse = graph.add_input("coarse", DType::kFloat32, {1, 1, "fewer", 1});
  const auto levels = feature_pyramid(Scope(graph, source, report),
                                      {{fine, 4, "0"}, {coarse, 4 * step, "1"}}, 0, true);
  for (const FeatureMap& level : levels) graph.add_output(level.x, level.name, Dims(4));
  std::vector<float> cells;
  for (std::int64_t k = 0; k < few; ++k) cells.push_back(static_cast<float>(k));
  return run_graph(
      graph, {make_tensor({1, 1, many, 1}, std::vector<float>(static_cast<std::size_t>(many))),
              make_tensor({1, 1, few, 1}, std::move(cells))})[0];
}

TEST(FeaturePyramid, EnlargesAsInterpolate) {
  const Golden golden("nearest");
  struct Case {
    std::int64_t few, many, step;
  };
  for (const auto& [few, many, step] :
       {Case{50, 198, 4}, Case{16, 122, 8}, Case{13, 50, 4}, Case{7, 13, 2}, Case{6, 12, 2}}) {
    const std::string name = std::to_string(few) + "." + std::to_string(many);
    for (const int opset : kOpsets) {
      SCOPED_TRACE(name + ", opset " + std::to_string(opset));
      expect_near(finest(opset, few, many, step), golden[name], 0);
    }
  }
}

}  // namespace
}  // namespace tv2onnx
