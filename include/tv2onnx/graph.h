#pragma once
/// \file
/// The graph that is being built: values, nodes, symbolic dimensions. Model code uses the
/// operations of graph/ops.h and never sees an opset; only that layer does.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

inline constexpr int kMinOpset = 11;
inline constexpr int kMaxOpset = 21;
inline constexpr int kDefaultOpset = 17;
/// IR version that belongs to an opset (onnx/docs/Versioning.md).
std::int64_t ir_version_of(int opset);
/// The first ONNX Runtime that runs it, as its list of versions says: "1.14".
std::string_view onnx_runtime_of(int opset);

/// A dimension: a number, a symbol (`batch`), or unknown. Nothing turns a symbol into a number.
class Dim {
 public:
  Dim() = default;                                         ///< unknown
  Dim(std::int64_t number) : number_(number) {}            // NOLINT: implicit by design
  Dim(std::string symbol) : symbol_(std::move(symbol)) {}  // NOLINT: implicit by design
  Dim(const char* symbol) : symbol_(symbol) {}             // NOLINT: implicit by design

  bool is_number() const { return number_ >= 0; }
  std::int64_t number() const { return number_; }        ///< -1 if it is none
  const std::string& symbol() const { return symbol_; }  ///< "" if it is none
  bool operator==(const Dim&) const = default;

 private:
  std::int64_t number_ = -1;
  std::string symbol_;
};

using Dims = std::vector<Dim>;

class Graph;

/// A handle of a value in a graph; copy freely. A default one is an absent optional input.
struct Value {
  Graph* graph = nullptr;
  std::uint32_t id = 0;

  explicit operator bool() const { return graph != nullptr; }
  DType dtype() const;
  const std::string& name() const;
  /// Dimension `axis`, unknown if the shape is not known.
  Dim dim(std::size_t axis) const;
};

/// What the graph knows of a value.
struct ValueInfo {
  std::string name;
  DType dtype = DType::kFloat32;
  std::optional<Dims> dims;  ///< nullopt: rank unknown
};

struct Attribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
               Tensor>
      value;
};

inline constexpr std::uint32_t kAbsent = UINT32_MAX;  ///< an absent optional input

struct Node {
  std::string op;
  std::string name;
  std::vector<std::uint32_t> inputs;  ///< value ids or kAbsent
  std::vector<std::uint32_t> outputs;
  std::vector<Attribute> attributes;

  const Attribute* find(std::string_view attribute) const;
};

/// What a node's output will be; see Graph::emit.
struct OutputType {
  DType dtype = DType::kFloat32;
  std::optional<Dims> dims = std::nullopt;
};

/// Nodes in topological order by construction, initialisers, inputs and outputs. A graph only
/// grows; what is changed or written is the model that it is lowered to.
class Graph {
 public:
  /// \throws Error U002 if the opset is outside kMinOpset..kMaxOpset.
  explicit Graph(int opset);
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  int opset() const { return opset_; }

  Value add_input(const std::string& name, DType dtype, Dims dims);
  Value add_input(const std::string& name, DType dtype);  ///< rank unknown
  /// A named initialiser. The same name again returns the same value. Floating point weights are
  /// float32 in the graph, whatever type their tensor has: the writer converts.
  Value add_weight(const std::string& name, Tensor tensor);
  /// An unnamed initialiser; equal constants are one value.
  Value add_constant(Tensor tensor);
  /// Declares a graph output and gives the value that name; an input, weight or other output keeps
  /// its own name and is copied by an Identity.
  void add_output(Value value, const std::string& name, Dims dims);

  /// Appends a node. Names come from the current scope, `rpn.head/Conv`, `rpn.head/Conv_1`, or
  /// where that is empty from the title: `resnet18/Flatten`.
  std::vector<Value> emit(std::string_view op, const std::vector<Value>& inputs,
                          std::vector<OutputType> outputs, std::vector<Attribute> attributes = {});

  /// The prefix of names of the nodes that follow, see NameScope.
  std::string scope;

  const std::vector<Node>& nodes() const { return nodes_; }
  const ValueInfo& info(std::uint32_t id) const { return values_[id]; }
  std::size_t value_count() const { return values_.size(); }
  const std::vector<std::uint32_t>& inputs() const { return inputs_; }
  const std::vector<std::uint32_t>& outputs() const { return outputs_; }
  /// The tensor of an initialiser, or null.
  const Tensor* initializer(std::uint32_t id) const;
  /// Ids of all initialisers, in order of creation.
  const std::vector<std::uint32_t>& initializers() const { return initializer_order_; }

  std::string title;  ///< the architecture: the graph's name in the file ("graph" if empty)
  /// metadata_props of the model, in key order.
  std::map<std::string, std::string> metadata;

 private:
  bool may_be_output(std::uint32_t id) const;
  std::uint32_t new_initializer(const std::string& name, Tensor tensor, DType dtype);
  std::uint32_t new_value(std::string name, DType dtype, std::optional<Dims> dims);
  std::string unique_name(const std::string& base);

  int opset_;
  std::deque<ValueInfo> values_;  // a deque: references stay valid while the graph grows
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> inputs_;
  std::vector<std::uint32_t> outputs_;
  std::unordered_map<std::uint32_t, Tensor> initializers_;
  std::vector<std::uint32_t> initializer_order_;
  std::unordered_map<std::string, std::uint32_t> weights_by_name_;
  std::unordered_map<std::string, std::uint32_t> constants_;
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, int> next_suffix_;
};

/// Sets the graph's scope to `name` for the lifetime of the object.
class NameScope {
 public:
  NameScope(Graph& graph, std::string_view name);
  ~NameScope();
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  Graph& graph_;
  std::string outer_;
};

/// The graph in ONNX's text syntax; weights are shown by type and shape only.
std::string to_text(const Graph& graph);

}  // namespace TV2ONNX_API tv2onnx
