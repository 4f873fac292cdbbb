#include "doctor/trial_images.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

namespace tv2onnx::doctor {
namespace {

constexpr ImageSize kVariantSize{480, 640};

InputCase flat_case(const std::string& name, const ImageSize& size, std::uint8_t value) {
  const auto count = static_cast<std::size_t>(size[0] * size[1] * 3);
  return {name, make_tensor({1, size[0], size[1], 3}, std::vector<std::uint8_t>(count, value))};
}

}  // namespace

std::vector<InputCase> cases_for(const Detector& detector, const std::vector<Tensor>& photos) {
  const std::optional<ImageSize> fixed = detector.contract().input.only_size();
  std::vector<InputCase> drawn =
      standard_cases({.quick = true, .size = fixed, .photos = photos});  // which checks the photos
  std::vector<InputCase> cases;
  for (const Tensor& photo : photos) {
    if (fixed) break;
    cases.push_back({fmt::format("photo {}x{}", photo.shape[1], photo.shape[2]), photo});
  }
  for (InputCase& each : drawn) {
    if (each.input.dtype != DType::kUInt8) continue;  // the variants try the other range
    if (each.input.shape[0] > 1 && detector.contract().input.port.shape.size() == 3) continue;
    cases.push_back(std::move(each));
  }
  const ImageSize size = fixed.value_or(ImageSize{120, 163});
  cases.push_back(flat_case("white", size, 255));
  if (fixed) cases.push_back(flat_case("other size", {size[0] * 3 / 4, size[1] * 3 / 4}, 128));
  return cases;
}

Tensor variant_image(const Detector& detector, const std::vector<Tensor>& photos) {
  const std::optional<ImageSize> fixed = detector.contract().input.only_size();
  if (!photos.empty() && !fixed) return photos[0];
  const CaseOptions options{.quick = true, .size = fixed.value_or(kVariantSize), .photos = photos};
  return standard_cases(options)[0].input;
}

}  // namespace tv2onnx::doctor
