#pragma once
// Options that models of several tasks have.

#include <vector>

#include "nn/image_transform.h"
#include "zoo/option_rows.h"

namespace tv2onnx {

void option_rows(OptionRows& row, Normalisation& settings);

/// BatchNorm's eps is not in a state dict.
struct NormSettings {
  double eps = 1e-5;
};
void option_rows(OptionRows& row, NormSettings& settings);
double norm_eps(const Config& config);

/// All of them, one after the other.
std::vector<Option> joined(std::vector<std::vector<Option>> groups);

}  // namespace tv2onnx
