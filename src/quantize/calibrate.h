#pragma once
// Ranges of a model's intermediate values over photos.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "rewrite/quantise_numbers.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {

/// The model as far as these values, which become its outputs in the order of the set.
Session observing_session(OnnxModel model, const std::set<std::string>& values,
                          const SessionOptions& options);

/// Gives the k-th input of the model.
using InputOf = std::function<Tensor(std::size_t k)>;

/// The range of each float value over `count` inputs: of a few parts of what occurs the one whose
/// squared error in 8 bits is least. Runs everything twice.
std::map<std::string, ValueRange> calibrate(const OnnxModel& model,
                                            const std::set<std::string>& values, std::size_t count,
                                            const InputOf& input, const SessionOptions& options);

}  // namespace tv2onnx
