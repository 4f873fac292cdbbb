#pragma once
// Which outputs answer, of files of tv2onnx that are no detectors.

#include <cstddef>
#include <string_view>

#include "tv2onnx/contract.h"

namespace tv2onnx {

/// An output that the metadata promise; a doubt and 0 if it is not there.
std::size_t promised_output(const FilePorts& file, std::string_view name, Contract& contract);

/// What tv2onnx wrote about the outputs, and how photos are prepared.
void read_stated_answer(const FilePorts& file, Contract& contract);

}  // namespace tv2onnx
