#pragma once
// Field numbers of the messages in onnx.proto (onnx/onnx-ml.proto, IR version 10) that are written
// or read here, and the element type codes of TensorProto.DataType.

#include <cstddef>
#include <cstdint>
#include <string>

#include "tv2onnx/tensor.h"

namespace tv2onnx::schema {

namespace model {
enum {
  kIrVersion = 1,
  kProducerName = 2,
  kProducerVersion = 3,
  kGraph = 7,
  kOpsetImport = 8,
  kMetadata = 14
};
}
namespace opset_id {
enum { kDomain = 1, kVersion = 2 };
}
namespace string_entry {
enum { kKey = 1, kValue = 2 };
}
namespace graph {
enum { kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12, kValueInfo = 13 };
}
namespace node {
enum { kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5, kDomain = 7 };
}
namespace attribute {
enum {
  kName = 1,
  kFloat = 2,
  kInt = 3,
  kString = 4,
  kTensor = 5,
  kGraph = 6,
  kFloats = 7,
  kInts = 8,
  kGraphs = 11,
  kType = 20
};
enum {
  kTypeFloat = 1,
  kTypeInt = 2,
  kTypeString = 3,
  kTypeTensor = 4,
  kTypeGraph = 5,
  kTypeFloats = 6,
  kTypeInts = 7,
  kTypeGraphs = 10
};
}  // namespace attribute
namespace tensor {
enum {
  kDims = 1,
  kDataType = 2,
  kFloatData = 4,
  kInt32Data = 5,
  kInt64Data = 7,
  kName = 8,
  kRawData = 9,
  kDoubleData = 10,
  kUInt64Data = 11,
  kExternalData = 13,
  kDataLocation = 14
};
enum { kLocationExternal = 1 };
}  // namespace tensor
namespace value_info {
enum { kName = 1, kType = 2 };
}
namespace type {
enum { kTensor = 1, kSequence = 4, kMap = 5, kSparseTensor = 8, kOptional = 9 };
}
namespace tensor_type {
enum { kElement = 1, kShape = 2 };
}
namespace shape {
enum { kDim = 1 };
}
namespace dim {
enum { kValue = 1, kParam = 2 };
}

/// TensorProto.DataType of an element type.
std::int64_t data_type(DType dtype);
/// Bits of an element of a TensorProto.DataType; 0 if it is not known or has no fixed size.
std::size_t data_type_bits(std::int64_t code);
/// Name of a TensorProto.DataType in ONNX's text syntax, also of those that DType has not.
std::string data_type_name(std::int64_t code);

}  // namespace tv2onnx::schema
