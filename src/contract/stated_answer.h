#pragma once
// Which outputs answer, of files of tv2onnx that are no detectors.

#include "tv2onnx/contract.h"

namespace tv2onnx {

/// What tv2onnx wrote about the outputs, and how photos are prepared.
void read_stated_answer(const FilePorts& file, Contract& contract);

}  // namespace tv2onnx
