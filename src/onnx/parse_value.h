#pragma once
// What a model says about a value: its type and shape.

#include "onnx/model.h"
#include "onnx/wire.h"

namespace tv2onnx {

/// The ValueInfoProto in `message`, a field that `outer` gave last.
OnnxValueInfo read_value_info(const wire::Reader& outer, const wire::Field& message);

}  // namespace tv2onnx
