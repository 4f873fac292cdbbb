#pragma once
// The one form that an ONNX model has in this program: read from a file of any producer or lowered
// from a Graph, rewritten, written. What is not edited is written back byte for byte, so a repair
// changes nothing but what it means to change, and weights are never copied.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/onnx.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

struct OnnxGraph;

/// A TensorProto: an initialiser or the value of an attribute.
struct OnnxTensor {
  std::string name = {};
  std::int64_t data_type = 0;  ///< TensorProto.DataType
  Shape dims = {};
  std::span<const std::byte> bytes =
      {};  ///< elements, little-endian; empty if external or `elements`
  std::shared_ptr<const void> owner = nullptr;  ///< keeps `bytes`, if not the file
  /// Elements of another type or order than the file shall have: a weight where the checkpoint has
  /// it, converted while it is written.
  std::optional<Tensor> elements = {};
  /// What `elements`, as float32, are multiplied by while they are written: one factor for each
  /// index of the first axis, in double, rounded once. Empty: nothing. So that a large weight is
  /// never held, only because a factor is put into it.
  std::vector<double> factors = {};
  std::map<std::string, std::string> external = {};  ///< location, offset, length
  std::span<const std::byte> source = {};            ///< the message in the file; empty: new

  /// The elements, if they are in memory, of a type that Tensor has, and as many as `dims` say;
  /// made anew at each call if there are factors.
  std::optional<Tensor> tensor() const;
  /// Elements [begin, end) of `elements` as they are written in float32.
  void copy_as_float(std::int64_t begin, std::int64_t end, float* out) const;
  /// How many `dims` say; nullopt if a dimension is negative or the product overflows.
  std::optional<std::uint64_t> element_count() const;
  /// Bytes of the elements as they are written; 0 if they are external.
  std::uint64_t byte_size() const;
};

/// A tensor with that name; the elements stay where they are. `data_type` is the type in the file,
/// which only floating point elements may differ from.
OnnxTensor stored_tensor(std::string name, const Tensor& tensor, std::int64_t data_type);
OnnxTensor stored_tensor(std::string name, const Tensor& tensor);

struct OnnxAttribute {
  std::string name;
  std::int64_t type = 0;  ///< AttributeProto.AttributeType, 0 if the file does not say
  std::int64_t i = 0;
  float f = 0;
  std::string s;
  std::vector<std::int64_t> ints;
  std::vector<float> floats;
  std::optional<OnnxTensor> tensor;
  std::vector<std::shared_ptr<OnnxGraph>> graphs;  ///< of `g` and `graphs`
  std::span<const std::byte> source = {};  ///< the message in the file; clear it after an edit
};

struct OnnxNode {
  std::string op;
  std::string domain;  ///< "" for the standard one
  std::string name;
  std::vector<std::string> inputs;  ///< "": absent
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes;
  std::span<const std::byte> source;  ///< the message in the file; clear it after an edit

  /// Input or output `k`; "" if it is absent, as files may have fewer than their operator needs.
  const std::string& input(std::size_t k) const;
  const std::string& output(std::size_t k) const;
  const OnnxAttribute* find(std::string_view attribute) const;
  std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
  /// The name, or the operator and what it makes.
  std::string label() const;
};

/// A ValueInfoProto.
struct OnnxValueInfo {
  std::string name;
  std::int64_t data_type = 0;
  struct Dim {
    std::int64_t value = -1;  ///< -1: not a number
    std::string symbol;
  };
  std::optional<std::vector<Dim>> dims = {};  ///< nullopt: rank unknown
  std::span<const std::byte> source = {};     ///< the message in the file; clear it after an edit
  std::string other_type = {};                ///< "seq", "map", ... of what is no tensor
};

struct OnnxGraph {
  std::string name;
  std::list<OnnxNode> nodes;  ///< a list: pointers survive insertion and removal
  std::list<OnnxTensor> initializers;
  std::vector<OnnxValueInfo> inputs;
  std::vector<OnnxValueInfo> outputs;
  std::vector<OnnxValueInfo> value_infos;
  std::vector<std::span<const std::byte>> other;  ///< whole fields that are not understood
};

struct OnnxModel {
  std::shared_ptr<const void> file;  ///< keeps the bytes
  std::int64_t ir_version = 0;
  std::string producer;
  std::string producer_version;
  std::map<std::string, std::int64_t> opsets;  ///< domain ("" is ai.onnx) to version
  std::map<std::string, std::string> metadata;
  OnnxGraph graph;
  std::vector<std::span<const std::byte>> other;
  std::uint64_t file_size = 0;

  std::int64_t opset() const;  ///< of the standard domain, 0 if there is none
};

/// \throws Error C001, C002 (file), O001 (no ONNX file), O002 (damaged, with the offset).
OnnxModel read_onnx_model(const std::filesystem::path& path);
/// The same of bytes that outlive the model. Time is linear in the size; memory is bounded by the
/// size of the names plus a constant. \throws Error O001, O002, with an offset but without a file.
OnnxModel parse_onnx_model(std::span<const std::byte> bytes);
OnnxModel parse_onnx_model(std::vector<std::byte>&& bytes) = delete;  // they would not outlive it

/// What the model declares.
OnnxSummary summarize(const OnnxModel& model);

}  // namespace tv2onnx
