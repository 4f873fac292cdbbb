#pragma once
// Options that models of several tasks have.

#include <vector>

#include "zoo/option_rows.h"

namespace tv2onnx {

/// What images are normalised with: (pixel / 255 - mean) / std.
struct Normalisation {
  std::vector<double> mean{0.485, 0.456, 0.406};  ///< ImageNet's
  std::vector<double> std{0.229, 0.224, 0.225};
};
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
