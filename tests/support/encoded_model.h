#pragma once
// ONNX files byte by byte.

#include <string>

#include "onnx/schema.h"
#include "onnx/wire.h"

namespace tv2onnx::testing {

/// A ModelProto around an encoded GraphProto.
inline std::string model_of(const std::string& graph) {
  std::string model;
  wire::put_int(model, schema::model::kIrVersion, 8);
  wire::put_bytes(model, schema::model::kGraph, graph);
  return model;
}

}  // namespace tv2onnx::testing
