#pragma once
// Tensors as the writer encodes them: in the model, or in the file beside it.

#include <cstdint>
#include <string>
#include <string_view>

#include "onnx/model.h"
#include "onnx/pieces.h"

namespace tv2onnx {

/// The file beside the model that weights go to.
struct DataFile {
  std::string location;
  Pieces pieces = {};
  std::uint64_t end = 0;
};

/// A pair of strings, as metadata and external data have them.
std::string encode_entry(std::string_view key, std::string_view value);

Pieces encode_tensor(const OnnxTensor& tensor);

/// An initializer of a graph; with `data`, a large one's elements go there.
void put_initializer(Pieces& out, const OnnxTensor& tensor, DataFile* data);

}  // namespace tv2onnx
