// D15, weights: numbers that no training leaves, and data that is not there.
//
// NaN is wrong wherever it is. Infinity is wrong in weights; masks of transformers have it. Weights
// that are all zero were never loaded. Denormal numbers are right but slow on CPUs. External data
// must be in the file that the model names, in full.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "doctor/numbers.h"
#include "doctor/rules/rules.h"
#include "onnx/external_data.h"
#include "onnx/schema.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kSmallest = 16;     // elements; fewer zeros may be meant
constexpr double kManyDenormals = 0.001;  // of all numbers in the file

/// Read by a layer as something that was trained.
bool is_weight(const View& view, std::string_view value) {
  static constexpr std::array<std::string_view, 8> kLayers{
      "Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "LSTM", "GRU", "RNN"};
  return std::ranges::any_of(view.uses(value), [](const View::Use& use) {
    return use.input > 0 && std::ranges::count(kLayers, use.node->op) > 0;
  });
}

Finding finding(Damage damage, std::string what, std::string symptom, std::string remedy) {
  return {.code = "D15",
          .damage = damage,
          .what = std::move(what),
          .evidence = {},
          .symptom = std::move(symptom),
          .since = "",
          .remedy = std::move(remedy),
          .repairable = false};
}

void keep_if_seen(std::vector<Finding>& findings, Finding found) {
  if (!found.evidence.empty()) findings.push_back(std::move(found));
}

void examine_numbers(const View& view, std::vector<Finding>& findings) {
  Finding broken = finding(Damage::kWrong, "weights have NaN or infinity",
                           "results are NaN, or nothing is detected",
                           "take a checkpoint from before the training diverged");
  Finding zero =
      finding(Damage::kWrong, "weights are all zero", "results do not depend on the image",
              "export again after loading the weights");
  std::size_t all = 0;
  std::size_t denormal = 0;
  for (const OnnxTensor& tensor : view.model().graph.initializers) {
    const std::optional<Tensor> values = tensor.tensor();
    if (!values || !is_floating(values->dtype)) continue;
    const NumberCount count = count_numbers(*values);
    const bool weight = is_weight(view, tensor.name);
    const std::string name = printable(tensor.name);
    if (count.nan > 0) broken.evidence.push_back(fmt::format("{}: {} NaN", name, count.nan));
    if (weight && count.infinite > 0) {
      broken.evidence.push_back(fmt::format("{}: {} infinite", name, count.infinite));
    }
    if (weight && values->shape.size() > 1 && count.all >= kSmallest && count.zero == count.all) {
      zero.evidence.push_back(fmt::format("{}: {} zeros", name, count.all));
    }
    all += count.all;
    denormal += count.denormal;
  }
  keep_if_seen(findings, std::move(broken));
  keep_if_seen(findings, std::move(zero));
  if (static_cast<double>(denormal) <= kManyDenormals * static_cast<double>(all)) return;
  findings.push_back(finding(
      Damage::kWaste,
      fmt::format("{:.1f} % of the weights are denormal numbers",
                  100.0 * static_cast<double>(denormal) / static_cast<double>(all)),
      "runs several times slower on CPUs than it need",
      "set session.set_denormal_as_zero of ONNX Runtime, or export with weights flushed to zero"));
}

/// Of a type whose elements have whole bytes.
bool has_known_size(const OnnxTensor& tensor) {
  static constexpr std::array kTypes{DType::kFloat32, DType::kFloat64, DType::kFloat16,
                                     DType::kInt64,   DType::kInt32,   DType::kInt8,
                                     DType::kUInt8,   DType::kBool};
  return std::ranges::any_of(
      kTypes, [&](DType dtype) { return tensor.data_type == schema::data_type(dtype); });
}

void examine_data(const RuleContext& context, std::vector<Finding>& findings) {
  Finding lost = finding(Damage::kCrash, "weights are not there", "the model does not load",
                         "put the file beside the model, or fetch it again");
  Finding size = finding(Damage::kCrash, "weights have another size than their shape says",
                         "the model does not load", "export or fetch the file again");
  Finding odd = finding(Damage::kCrash, "weights in other files are described wrongly",
                        "the model does not load, or reads what is none of its business",
                        "do not run the file; export it again, or fetch it from its source");
  ExternalFiles files(context.file);
  for (const OnnxTensor& tensor : context.view.model().graph.initializers) {
    if (tensor.external.empty()) {
      if (!has_known_size(tensor) || tensor.tensor()) continue;
      size.evidence.push_back(
          fmt::format("{}: {} bytes", printable(tensor.name), tensor.bytes.size()));
      continue;
    }
    try {
      files.place_of(tensor);
    } catch (const Error& error) {
      Finding& found = error.code() == "O002" ? odd : lost;
      found.evidence.push_back(printable(tensor.name) + ": " + error.parts().found);
    }
  }
  for (Finding* found : {&lost, &size, &odd}) keep_if_seen(findings, std::move(*found));
}

std::vector<Finding> examine_weights(const RuleContext& context) {
  std::vector<Finding> findings;
  examine_numbers(context.view, findings);
  examine_data(context, findings);
  return findings;
}

}  // namespace

Rule bad_weights() {
  return {"D15", examine_weights, nullptr};
}

}  // namespace tv2onnx::doctor
