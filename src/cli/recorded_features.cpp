#include "cli/recorded_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::cli {
namespace {

constexpr double kAllowed = 1e-3;  // of the largest number of a map, as the script allows

[[noreturn]] void refuse(const BackboneFile& file, const std::string& features, std::string found) {
  throw Error({.code = "W007",
               .found = std::move(found),
               .where = {.file = file.path.string()},
               .expected = "the maps that PyTorch gave, in " + printable(features),
               .hint = "export the backbone and its features again, in one run of "
                       "export_backbone.py"});
}

Session open_backbone(const BackboneFile& file) {
  if (file.bytes.empty()) return {file.path, SessionOptions{}};
  return {file.bytes, file.path.string(), SessionOptions{}};
}

/// "0" of the output "map_0".
std::string_view map_name(std::string_view output) {
  constexpr std::string_view kPrefix = "map_";
  return output.starts_with(kPrefix) ? output.substr(kPrefix.size()) : output;
}

/// The largest difference as a share of the largest number; NaN counts as infinite.
double difference(const Tensor& recorded, const Tensor& found) {
  const std::vector<float> wanted = to_float(recorded);
  const std::vector<float> got = to_float(found);
  double largest = 0;
  double worst = 0;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const double apart = std::abs(static_cast<double>(wanted[k]) - static_cast<double>(got[k]));
    largest = std::max(largest, std::abs(static_cast<double>(wanted[k])));
    worst = std::isnan(apart) ? INFINITY : std::max(worst, apart);
  }
  return worst == 0 ? 0 : worst / std::max(largest, 1e-6);
}

}  // namespace

void require_recorded_features(const BackboneFile& file, const std::string& features) {
  const Checkpoint recorded = open_checkpoint(features);
  const Tensor* images = recorded.find("images");
  if (images == nullptr || recorded.tensors.size() < 2) {
    refuse(file, features, "the features are not those of export_backbone.py --features");
  }
  const Session session = open_backbone(file);
  const std::vector<Tensor> maps = session.run({*images});
  if (maps.size() + 1 != recorded.tensors.size()) {
    refuse(file, features,
           fmt::format("{} maps, and {} are recorded", maps.size(), recorded.tensors.size() - 1));
  }
  for (std::size_t k = 0; k < maps.size(); ++k) {
    const std::string name(map_name(session.outputs()[k].name));
    const Tensor* wanted = recorded.find("maps/" + name);
    if (wanted == nullptr || wanted->shape != maps[k].shape) {
      refuse(file, features,
             fmt::format("the map {} is not recorded, or in another shape", printable(name)));
    }
    const double apart = difference(*wanted, maps[k]);
    if (apart > kAllowed) {
      refuse(file, features,
             fmt::format("the map {} differs by {:.2g} % of its largest number", printable(name),
                         100 * apart));
    }
  }
}

}  // namespace tv2onnx::cli
