#pragma once
// What files of all tasks but detection have in common when they are run.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tv2onnx/contract.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// Reads the contract unless it is known already. \throws Error R007: the file is for another task,
/// or says too little of what it takes and gives.
void require_answers(const Session& session, Contract& contract, Task task);

/// \throws Error R007 unless the contract says enough to run the file: what its input is, how
/// photos are prepared, and which of its outputs are what.
void require_runnable(const Session& session, const Contract& contract);

/// What a file wants for uint8 [n, height, width, c] or float32 [n, c, height, width] of 0..1.
/// What it leaves to its caller is done as torchvision's transforms do it. \throws Error R006.
Tensor prepared_photos(const Tensor& images, const Contract& contract, const std::string& file);

/// Runs the session. Where the graph refuses a size by the name of a node (nn/size_guard.h), that
/// name is the error. \throws Error R006 (such a size), R003 (the run failed in another way).
std::vector<Tensor> run_guarded(const Session& session, const std::vector<Tensor>& inputs);

/// Runs prepared images at once, or one by one where the file takes one, and shows `take` the
/// results and the number of the image in them. \throws Error R006, R003.
using TakeResults = std::function<void(const std::vector<Tensor>& results, std::size_t image)>;
void run_images(const Session& session, const Contract& contract, const Tensor& input,
                std::int64_t count, const TakeResults& take);

/// \throws Error R007 unless a result of the file has this many axes, and `wanted` numbers where
/// that is not -1.
void require_shape(const Tensor& result, const Shape& wanted, const Session& session);

}  // namespace tv2onnx
