#pragma once
// What is written, before it is written.
//
// Lengths come before contents in protobuf, so everything but the weights' bytes is encoded first;
// a file is then a list of pieces: encoded bytes, bytes that lie elsewhere (usually in a mapped
// file), and weights that are converted on the way. Nothing the size of the model is held in
// memory.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/output_file.h"
#include "onnx/model.h"

namespace tv2onnx {

/// A message, or a file of weights, as pieces that are written one after the other. Tensors and
/// bytes that are added must outlive it.
class Pieces {
 public:
  /// The text at the end, to append to.
  std::string& text();
  void add(std::span<const std::byte> bytes) { parts_.emplace_back(bytes); }
  void add(const OnnxTensor& tensor);
  /// A field whose content lies elsewhere.
  void field(int number, std::span<const std::byte> bytes);
  void append(Pieces other);

  bool empty() const { return parts_.empty(); }
  std::uint64_t size() const;
  void write(const ByteSink& sink) const;
  /// All of it in one text: for messages that are small.
  std::string flat() const;

 private:
  /// The last: a weight in another type or order than it has where it lies.
  using Part = std::variant<std::string, std::span<const std::byte>, const OnnxTensor*>;

  std::vector<Part> parts_;
};

}  // namespace tv2onnx
