#pragma once
// Checkpoints of torchvision's classifiers with the tensors of the goldens that
// tests/gen/classifiers.py made, and values by its formula.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx::testing {

/// Keys and shapes of a builder's state dict, without num_batches_tracked.
using TensorList = std::vector<std::pair<std::string, Shape>>;

/// Of all builders, as torchvision makes them.
const std::map<std::string, TensorList>& builder_tensors();

/// Of those of segmentation, video and optical flow: goldens of tests/gen/task_models.py.
const std::map<std::string, TensorList>& task_tensors();

/// A checkpoint with these tensors, which have no values: to recognise and to build.
Checkpoint without_values(const TensorList& tensors);

/// Numbers of 24 bits in [-1, 1) that the key alone decides.
std::vector<double> noise(std::string_view key, std::size_t count);

/// A checkpoint with values that keep activations in range. `norms`: the root mean square of the
/// input of each batch normalisation. `factors`: of the weights whose names end so.
Checkpoint with_designed_values(const TensorList& tensors,
                                const std::map<std::string, double>& norms,
                                const std::map<std::string, double>& factors = {});

/// `count` images [count, 3, height, width], as after normalisation.
Tensor designed_images(std::int64_t count, std::int64_t height, std::int64_t width);

/// The inputs of this shape that task_models.py gives to a model that takes so many.
std::vector<Tensor> designed_inputs(const Shape& shape, std::size_t count);

}  // namespace tv2onnx::testing
