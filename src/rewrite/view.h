#pragma once
// Questions that rules ask about a graph: who makes a value, who reads it, is it a constant. Nested
// graphs (branches of If, bodies of Loop) are included, so a value that only a branch reads counts
// as read.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "onnx/model.h"

namespace tv2onnx {

class View {
 public:
  /// The model must outlive the view; after an edit a new view is needed.
  explicit View(OnnxModel& model);

  struct Use {
    OnnxNode* node = nullptr;
    std::size_t input = 0;
  };

  OnnxModel& model() const { return *model_; }
  /// All nodes, outer graph first, nested ones behind the node that has them.
  const std::vector<OnnxNode*>& nodes() const { return nodes_; }
  /// The node that makes the value; null for inputs and initialisers.
  OnnxNode* producer(std::string_view value) const;
  /// The producer if it is of this operator, else null.
  OnnxNode* producer(std::string_view value, std::string_view op) const;
  const std::vector<Use>& uses(std::string_view value) const;
  /// The readers that are of this operator.
  std::vector<OnnxNode*> readers(std::string_view value, std::string_view op) const;
  bool is_output(std::string_view value) const;
  /// The graph that a node is in.
  OnnxGraph& graph_of(const OnnxNode& node) const { return *graphs_.at(&node); }

  /// The tensor of an initialiser or Constant, also behind Identity.
  std::optional<Tensor> constant(std::string_view value) const;
  /// The elements of an integer constant, also when put together by Unsqueeze, Concat or Cast.
  std::optional<std::vector<std::int64_t>> integers(std::string_view value) const;
  /// The element of a constant with one element.
  std::optional<double> number(std::string_view value) const;

 private:
  void add(OnnxGraph& graph);

  OnnxModel* model_;
  std::vector<OnnxNode*> nodes_;
  std::unordered_map<std::string_view, OnnxNode*> producers_;
  std::unordered_map<std::string_view, std::vector<Use>> uses_;
  std::unordered_map<std::string_view, const OnnxTensor*> initializers_;
  std::unordered_set<std::string_view> outputs_;
  std::unordered_map<const OnnxNode*, OnnxGraph*> graphs_;
};

/// A Slice of constant bounds along one axis, whatever the opset.
struct SliceBounds {
  std::int64_t axis = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t step = 1;
};
std::optional<SliceBounds> slice_bounds(const View& view, const OnnxNode& node);

/// Axes of Squeeze, Unsqueeze and reductions: attribute or constant input.
std::optional<std::vector<std::int64_t>> axes_of(const View& view, const OnnxNode& node);

}  // namespace tv2onnx
