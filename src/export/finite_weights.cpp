#include "export/finite_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/text.h"
#include "export/number_bits.h"
#include "rewrite/view.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr float kDefaultEpsilon = 1e-5F;  // ONNX's
constexpr std::size_t kVariance = 4;      // input of BatchNormalization

[[noreturn]] void refuse(const Checkpoint& checkpoint, const std::string& key, std::string found,
                         std::string expected, std::string hint) {
  throw Error({.code = "W006",
               .found = fmt::format("{} {}", printable(key), found),
               .where = {.file = checkpoint.file, .item = key},
               .expected = std::move(expected),
               .hint = std::move(hint)});
}

struct Special {
  std::int64_t nan = 0;
  std::int64_t infinite = 0;
};

Special count_special(const Tensor& tensor) {
  Special special;
  for (const float value : to_float(tensor)) {
    special.nan += std::isnan(value) ? 1 : 0;
    special.infinite += std::isinf(value) ? 1 : 0;
  }
  return special;
}

/// As float32, which files have.
Special special_in(const Tensor& tensor) {
  const bool as_is = tensor.is_contiguous();
  const std::span bytes(tensor.data, tensor.byte_size());
  if (as_is && tensor.dtype == DType::kFloat32 && !any_from<std::int32_t>(bytes, 0x7F800000)) {
    return {};
  }
  if (as_is && tensor.dtype == DType::kFloat16 && !any_from<std::int16_t>(bytes, 0x7C00)) {
    return {};
  }
  return count_special(tensor);
}

/// Products that cannot be as large as the largest number are not made.
bool has_small_products(const OnnxTensor& stored, const WeightScan& scan) {
  constexpr double kHalfTheLargest = std::numeric_limits<float>::max() / 2;
  const Tensor& tensor = *stored.elements;
  if (!tensor.is_contiguous() || tensor.dtype != DType::kFloat32) return false;
  double largest = 1;
  for (const double factor : stored.factors) {
    if (!std::isfinite(factor)) return false;
    largest = std::max(largest, std::abs(factor));
  }
  const auto limit = static_cast<float>(kHalfTheLargest / largest);
  if (limit >= WeightScan::kSmall && scan.knows_small(tensor)) return true;
  return !any_from({tensor.data, tensor.byte_size()}, std::bit_cast<std::int32_t>(limit));
}

void require_no_nan(const Checkpoint& checkpoint, const std::string& key) {
  const Tensor* own = checkpoint.find(key);
  if (own == nullptr || !is_floating(own->dtype)) return;
  const std::int64_t count = special_in(*own).nan;
  if (count == 0) return;
  // The only weights of torchvision that are of no use as what their builder makes.
  const bool features = key.starts_with("classifier.") && checkpoint.find("features.28.weight");
  refuse(checkpoint, key, fmt::format("has NaN in {} of {} numbers", count, own->size()),
         "numbers: PyTorch finds nothing, or nonsense, with these weights too",
         features
             ? "torchvision's IMAGENET1K_FEATURES weights of vgg16 are features for SSD and have "
               "no classifier: take IMAGENET1K_V1; else training diverged"
             : "training diverged, or the file is damaged: take an earlier checkpoint");
}

/// "is 0 in 3 of 64 channels": where a variance with eps is not above 0; "" if it is everywhere.
std::string zero_variance(const std::vector<float>& variance, float eps) {
  const auto wrong = [eps](float value) { return !(value + eps > 0); };
  const auto count = std::ranges::count_if(variance, wrong);
  if (count == 0) return "";
  return fmt::format("is {:g} in {} of {} channels", *std::ranges::find_if(variance, wrong), count,
                     variance.size());
}

void require_variance(const View& view, const OnnxNode& norm, const Checkpoint& checkpoint) {
  const std::string& key = norm.inputs[kVariance];
  const OnnxTensor* stored = view.float_weight(key);
  if (stored == nullptr || !stored->tensor()) return;
  const OnnxAttribute* attribute = norm.find("epsilon");
  const float eps = attribute != nullptr ? attribute->f : kDefaultEpsilon;
  const std::string wrong = zero_variance(to_float(*stored->tensor()), eps);
  if (wrong.empty()) return;
  refuse(checkpoint, key, fmt::format("{}, and norm_eps is {:g}", wrong, eps),
         "a variance that, with norm_eps, is above 0: batch normalisation divides by its root",
         "half precision makes 0 of variances below 6e-8: export the float32 checkpoint; or "
         "--norm-eps, if the model was trained with another one");
}

}  // namespace

void require_normalisation(OnnxModel& model, const Checkpoint& checkpoint) {
  const View view(model);
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "BatchNormalization" || node->inputs.size() <= kVariance) continue;
    for (std::size_t k = 1; k <= kVariance; ++k) require_no_nan(checkpoint, node->inputs[k]);
    require_variance(view, *node, checkpoint);
  }
}

void require_finite(const OnnxModel& model, const Checkpoint& checkpoint, const WeightScan& scan) {
  for (const OnnxTensor& stored : model.graph.initializers) {
    if (!stored.factors.empty() && has_small_products(stored, scan)) continue;
    const std::optional<Tensor> tensor = stored.tensor();
    if (!tensor || !is_floating(tensor->dtype) || scan.knows_small(*tensor)) continue;
    const Special special = special_in(*tensor);
    if (special.nan == 0 && special.infinite == 0) continue;
    require_no_nan(checkpoint, stored.name);
    const Tensor* own = checkpoint.find(stored.name);
    // Scores that nothing shall reach are infinite constants of the graph.
    const bool constant = stored.name.starts_with("const/");
    const bool own_infinity = own != nullptr && special_in(*own).infinite > 0;
    if ((own_infinity || constant) && special.nan == 0) continue;
    refuse(checkpoint, stored.name,
           fmt::format("would have {} infinite numbers and {} NaN of {} in the file",
                       special.infinite, special.nan, tensor->size()),
           "numbers that float32 has, after batch normalisation and image_std have been multiplied "
           "into the weights",
           own_infinity ? "the checkpoint has infinite numbers here" : "");
  }
}

}  // namespace tv2onnx
