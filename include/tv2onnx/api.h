#pragma once
/// \file
/// Marks what the shared library exports: all that the headers of include/tv2onnx declare. The rest
/// of the library is hidden.

#define TV2ONNX_API __attribute__((visibility("default")))
