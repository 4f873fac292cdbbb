#include "zoo/shared_options.h"

#include <algorithm>
#include <iterator>

namespace tv2onnx {

void option_rows(OptionRows& row, Normalisation& settings) {
  row("image_mean", kinds::kPerChannel, "image_mean", "mean of each channel", settings.mean);
  row("image_std", kinds::kPositivePerChannel, "image_std", "standard deviation of each channel",
      settings.std);
}

void option_rows(OptionRows& row, NormSettings& settings) {
  row("norm_eps", kinds::kNonNegative, "",
      "eps of batch normalisation, which is not in a state dict", settings.eps);
}

double norm_eps(const Config& config) {
  return read_options<NormSettings>(config).eps;
}

std::vector<Option> joined(std::vector<std::vector<Option>> groups) {
  std::vector<Option> all;
  for (std::vector<Option>& group : groups) std::ranges::move(group, std::back_inserter(all));
  return all;
}

}  // namespace tv2onnx
