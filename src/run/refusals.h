#pragma once
// Why a file cannot be run as what it is asked to be.

#include <cstdint>
#include <string>

#include "run/prepare.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

/// \throws Error R007 if the file is for another task.
void require_task(const Session& session, const Contract& contract, Task task);

/// \throws Error R006 unless they are uint8 [n, height, width, channels] or float32
/// [n, channels, height, width].
void require_images(const Tensor& images, std::int64_t channels, const std::string& file);

/// \throws Error R006 if the file takes another number of images at once, and more than one.
void require_batch(std::int64_t images, const Contract& contract, const std::string& file);

/// \throws Error R006 if a detector takes images of another size, or several at once, only.
void require_size(const Extent& extent, const Contract& contract, const std::string& file);

/// \throws Error R007: what is not known of the contract, and what the file has.
[[noreturn]] void refuse_unknown(const Session& session, const Contract& contract);

}  // namespace tv2onnx
