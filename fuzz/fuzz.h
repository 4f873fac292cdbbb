#pragma once
// What the fuzz targets share: a reader is given bytes and may throw an Error; nothing else may
// happen. Every tensor is then read to its last element.

#include <cstddef>
#include <cstdint>
#include <span>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

/// Runs `task`, which may refuse its input with a reason.
template <typename Task>
void may_refuse(const Task& task) {
  try {
    task();
  } catch (const Error&) {
    // as it should be
  }
}

inline void fuzz_reader(void (*read)(Checkpoint&, const OpenOptions&),
                        std::span<const std::byte> bytes) {
  Checkpoint checkpoint;
  checkpoint.bytes_ = bytes;
  checkpoint.file_size = bytes.size();
  may_refuse([&] {
    read(checkpoint, {});
    for (const NamedTensor& tensor : checkpoint.tensors) to_float(tensor.tensor);
  });
}

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

}  // namespace tv2onnx
