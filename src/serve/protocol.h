#pragma once
// Requests and answers of the Open Inference Protocol, version 2, with its binary tensor extension:
// bytes here, tensors there. Nothing of models, nothing of HTTP but one header's number.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx::serve {

/// "FP32", "BOOL", ...
std::string_view protocol_name(DType dtype);

/// An input: numbers, or pieces of bytes (encoded images) where the data type is BYTES.
struct InferInput {
  std::string name;
  Tensor tensor = {};                    ///< numbers
  std::vector<std::string> pieces = {};  ///< of BYTES
  bool bytes = false;
};

struct WantedOutput {
  std::string name;
  bool binary = false;
};

struct InferRequest {
  std::string id;
  std::vector<InferInput> inputs;
  std::vector<WantedOutput> outputs;  ///< empty: all
  bool binary_outputs = false;        ///< of those that say nothing themselves, or of all
};

/// \param json_length what Inference-Header-Content-Length says, if it is there
/// \throws Error U005 (no JSON), R006: anything else that is not as the protocol has it.
InferRequest parse_infer(std::string_view body, std::optional<std::size_t> json_length);

struct NamedTensor {
  std::string name;
  Tensor tensor;
  bool binary = false;
};

struct InferAnswer {
  std::string body;
  std::optional<std::size_t> json_length = {};  ///< where tensors follow in binary form
};

/// \throws Error R006: a number that JSON cannot express.
InferAnswer write_infer(std::string_view model, const std::string& id,
                        std::span<const NamedTensor> outputs);

}  // namespace tv2onnx::serve
