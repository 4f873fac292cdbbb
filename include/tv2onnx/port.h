#pragma once
/// \file
/// What a model declares about an input or output.

#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// Input or output of a model; -1 and a symbol name for dynamic dimensions.
struct PortInfo {
  std::string name;
  DType dtype = DType::kFloat32;
  Shape shape;                       ///< -1 where dynamic
  std::vector<std::string> symbols;  ///< dim_param per axis, empty where fixed
};

}  // namespace TV2ONNX_API tv2onnx
