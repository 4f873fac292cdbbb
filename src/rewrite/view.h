#pragma once
// A model as rules and rewrites look at it: who makes a value, who reads it, is it a constant.
// Nested graphs (branches of If, bodies of Loop) are included, so a value that only a branch reads
// counts as read. Edits through the view keep it true; after others a new view is needed.
//
// Files of strangers are looked at, so nothing here trusts the shape of a graph: an absent value is
// "", which nothing makes, reads or defines; what is put together is remembered and limited; and
// every question counts as a step. After more steps than any real model needs, an error ends what
// a graph was made to prolong.

#include <cstdint>
#include <list>
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
  static constexpr std::size_t kMostIntegers = 128;

  /// The model must outlive the view.
  explicit View(OnnxModel& model);

  struct Use {
    OnnxNode* node = nullptr;
    std::size_t input = 0;
  };

  OnnxModel& model() const { return *model_; }
  /// All nodes that were there when the view was made, outer graph first, nested ones behind the
  /// node that has them.
  const std::vector<OnnxNode*>& nodes() const { return nodes_; }
  /// The node that makes the value; null for inputs and initialisers.
  OnnxNode* producer(std::string_view value) const;
  /// The producer if it is of this operator, else null.
  OnnxNode* producer(std::string_view value, std::string_view op) const;
  const std::vector<Use>& uses(std::string_view value) const;
  /// The readers that are of this operator.
  std::vector<OnnxNode*> readers(std::string_view value, std::string_view op) const;
  bool is_output(std::string_view value) const;
  /// An input of the outer graph.
  bool is_input(std::string_view value) const;
  /// What nodes with nested graphs (If, Loop) make of a value that a nested graph returns.
  const std::vector<std::string>& returned_as(std::string_view value) const;
  /// The graph that a node is in.
  OnnxGraph& graph_of(const OnnxNode& node) const { return *places_.at(&node).graph; }

  /// Where in the graph's list a node is.
  std::list<OnnxNode>::iterator place_of(const OnnxNode& node) const {
    return places_.at(&node).at;
  }

  /// Counts steps of work on what the graph says. \throws Error O002 after too many.
  void step(std::size_t count = 1) const;

  /// Readers of a value; being an output of a graph counts as one.
  std::size_t read_count(std::string_view value) const;

  OnnxTensor* initializer(std::string_view value) const;
  /// The initialiser if it is float32 in the model and its elements are in memory, else null.
  OnnxTensor* float_weight(std::string_view value) const;
  /// The tensor of an initialiser or Constant, also behind Identity.
  std::optional<Tensor> constant(std::string_view value) const;
  /// The elements of an integer constant, also when put together by Unsqueeze, Concat or Cast.
  /// Nothing if there are more than kMostIntegers: shapes, sizes and axes are short.
  std::optional<std::vector<std::int64_t>> integers(std::string_view value) const;
  /// The element of a constant with one element.
  std::optional<double> number(std::string_view value) const;

  /// `base`, or `base_1`, ... : a name that nothing in the model has, taken from now on.
  std::string fresh_name(const std::string& base);
  /// Adds an initialiser, whose name must be fresh, to the outer graph.
  void add_initializer(OnnxTensor tensor);
  /// Adds an initialiser under the fresh name that is returned.
  std::string add_constant(const std::string& base, const Tensor& tensor);
  /// Puts nodes, which must be in order and make values of fresh names, in front of `before`.
  void insert(const OnnxNode& before, std::list<OnnxNode> nodes);
  /// Lets input `index` of the node, which may have fewer so far, read `value`, which is not "".
  void set_input(OnnxNode& node, std::size_t index, const std::string& value);
  /// Lets all readers of `from` read `to`; outputs of graphs keep their names and are not touched.
  void replace_readers(std::string from, std::string to);
  /// Lets the first output of `to` take the place of that of `from`, which nothing needs then. An
  /// output of a graph keeps its name.
  void take_place(OnnxNode& from, OnnxNode& to);

 private:
  struct Place {
    OnnxGraph* graph = nullptr;
    std::list<OnnxNode>::iterator at;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <typename T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;

  using Integers = std::optional<std::vector<std::int64_t>>;

  void add(OnnxGraph& graph);
  void add(OnnxGraph& graph, std::list<OnnxNode>::iterator at);
  void collect_names();
  const Integers* known_integers(std::string_view value) const;
  Integers joined(const OnnxNode& node) const;

  OnnxModel* model_;
  std::vector<OnnxNode*> nodes_;
  ByName<OnnxNode*> producers_;
  ByName<std::vector<Use>> uses_;
  ByName<OnnxTensor*> initializers_;
  Names outputs_;
  Names inputs_;
  ByName<std::vector<std::string>> returned_;
  mutable ByName<Integers> integers_;  ///< what was put together; forgotten at an edit
  mutable std::size_t steps_ = 0;
  std::size_t most_steps_ = 0;
  std::unordered_map<const OnnxNode*, Place> places_;
  Names names_;  ///< all that are taken, once somebody asks for a fresh one
  ByName<int> suffixes_;
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
