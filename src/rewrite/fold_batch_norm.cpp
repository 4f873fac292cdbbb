// Conv -> BatchNormalization becomes Conv.
//
//   y = (conv(x, w) + b - mean) * s + shift    with s = scale / sqrt(variance + epsilon)
//     = conv(x, w * s) + (b - mean) * s + shift
//
// The products are computed in double and rounded once. The weight keeps its name; a convolution
// without bias gets one named beside its weight.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "rewrite/edit.h"
#include "rewrite/fold.h"
#include "rewrite/view.h"

namespace tv2onnx {
namespace {

constexpr float kDefaultEpsilon = 1e-5F;

struct Match {
  OnnxNode* conv;
  OnnxNode* norm;
};

bool has_bias(const OnnxNode& conv) {
  return conv.inputs.size() > 2 && !conv.input(2).empty();
}

/// Why the match must be left alone, or "".
std::string refusal(const View& view, const Match& match) {
  if (view.read_count(match.conv->output(0)) != 1) return "the convolution has other readers";
  for (std::size_t k = 1; k < (has_bias(*match.conv) ? 3U : 2U); ++k) {
    const std::string& weight = match.conv->input(k);
    if (view.float_weight(weight) == nullptr) return "its weights are computed";
    if (view.read_count(weight) != 1) return "its weights are shared";
  }
  const Shape& shape = view.float_weight(match.conv->input(1))->dims;
  for (std::size_t k = 1; k < 5; ++k) {
    const OnnxTensor* statistic = view.float_weight(match.norm->input(k));
    if (statistic == nullptr) return "its statistics are computed";
    if (shape.empty() || statistic->dims != Shape{shape[0]}) {
      return "its statistics are not one for each channel";
    }
  }
  return "";
}

std::string bias_name(const std::string& weight_name) {
  constexpr std::string_view kLeaf = ".weight";
  return weight_name.ends_with(kLeaf)
             ? weight_name.substr(0, weight_name.size() - kLeaf.size()) + ".bias"
             : weight_name + ".bias";
}

/// The statistics as one factor for each channel, and one shift, which goes into the bias.
std::vector<double> factors_of(const View& view, const Match& match, std::vector<float>& bias) {
  const auto statistic = [&](std::size_t input) {
    return to_float(*view.initializer(match.norm->input(input))->tensor());
  };
  const std::vector<float> scale = statistic(1);
  const std::vector<float> shift = statistic(2);
  const std::vector<float> mean = statistic(3);
  const std::vector<float> variance = statistic(4);
  const OnnxAttribute* attribute = match.norm->find("epsilon");
  const double epsilon = attribute != nullptr ? attribute->f : kDefaultEpsilon;
  std::vector<double> factors(scale.size());
  for (std::size_t channel = 0; channel < scale.size(); ++channel) {
    const double factor = scale[channel] / std::sqrt(variance[channel] + epsilon);
    factors[channel] = factor;
    bias[channel] =
        static_cast<float>((double{bias[channel]} - mean[channel]) * factor + shift[channel]);
  }
  return factors;
}

void rewrite(View& view, const Match& match) {
  OnnxTensor& stored = *view.initializer(match.conv->input(1));
  const std::int64_t channels = stored.dims[0];
  std::vector<float> bias(static_cast<std::size_t>(channels), 0.0F);
  if (has_bias(*match.conv)) bias = to_float(*view.initializer(match.conv->input(2))->tensor());
  multiply_rows(stored, factors_of(view, match, bias));
  const Tensor bias_tensor = make_tensor({channels}, std::move(bias));
  if (has_bias(*match.conv)) {
    replace_elements(*view.initializer(match.conv->input(2)), bias_tensor);
  } else {
    match.conv->inputs.resize(3);
    view.set_input(*match.conv, 2, view.add_constant(bias_name(stored.name), bias_tensor));
  }
}

/// The pair that a normalisation makes with the convolution before it, if there is one.
std::optional<Match> match_of(const View& view, OnnxNode& norm) {
  if (norm.op != "BatchNormalization" || !norm.domain.empty() || norm.inputs.size() != 5 ||
      norm.outputs.size() != 1 || norm.integer("training_mode", 0) != 0) {
    return std::nullopt;
  }
  OnnxNode* conv = view.producer(norm.input(0), "Conv");
  if (conv == nullptr || conv->inputs.size() < 2 || &view.graph_of(*conv) != &view.graph_of(norm)) {
    return std::nullopt;
  }
  return Match{conv, &norm};
}

}  // namespace

FoldReport fold_batch_norm(OnnxModel& model) {
  FoldReport report;
  View view(model);
  for (OnnxNode* norm : view.nodes()) {
    const std::optional<Match> match = match_of(view, *norm);
    if (!match) continue;
    const std::string reason = refusal(view, *match);
    if (!reason.empty()) {
      report.refused.push_back(fmt::format("{}: {}", norm->name, reason));
      continue;
    }
    rewrite(view, *match);
    view.take_place(*match->norm, *match->conv);
    ++report.rewrites;
  }
  remove_dead(model);
  return report;
}

}  // namespace tv2onnx
