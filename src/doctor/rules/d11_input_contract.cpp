// D11: what the file wants as input (information).
//
// From the input on, arithmetic with constants is followed up to the first layer; with scale a and
// shift b of what was found,
//
//   y = a x + b   is   (x - mean) / deviation   with   mean = -b / a, deviation = 1 / a
//
// in units of the input. A mean up to 2 belongs to the range 0..1, one above to 0..255. ImageNet's
// means fall from red to blue, so their order tells RGB from BGR. No repair: the file is right, it
// is the caller who must know.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "contract/image_input.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

std::string numbers(const std::vector<double>& values) {
  return fmt::format("{:.4g}", fmt::join(values, " "));
}

/// Whether the graph subtracts something; what callers subtract is in the text of the input.
bool subtracts(const ImageInput& contract) {
  return contract.range != PixelRange::kNormalised &&
         std::ranges::any_of(contract.mean, [](double mean) { return mean != 0; });
}

std::string symptom_of(const ImageInput& contract) {
  switch (contract.range) {
    case PixelRange::kUnit:
      return "0..255 gives nothing, or confident nonsense; normalising before gives wrong scores";
    case PixelRange::kByte: return "0..1 looks black to it: nothing is found";
    case PixelRange::kUnitOrByte: return "";
    case PixelRange::kNormalised:
    case PixelRange::kUnknown: return "pixels that are not normalised give nothing, or nonsense";
  }
  return "";
}

std::string remedy_of(const ImageInput& contract) {
  const std::string layout =
      fmt::format("channels-{} {}", contract.layout == Layout::kPixels ? "last" : "first",
                  contract.order == ChannelOrder::kBgr ? "BGR" : "RGB");
  switch (contract.range) {
    case PixelRange::kUnit: return fmt::format("feed {} divided by 255; do not normalise", layout);
    case PixelRange::kByte: return fmt::format("feed {} of 0..255; do not normalise", layout);
    case PixelRange::kUnitOrByte:
      return fmt::format("feed {} of 0..1 or 0..255; do not normalise", layout);
    case PixelRange::kNormalised:
      return fmt::format("feed {} as (pixels / 255 - mean) / std", layout);
    case PixelRange::kUnknown:
      return fmt::format(
          "feed {} normalised as in its training (often (pixels / 255 - mean) / std); "
          "--image PHOTO tries what fits",
          layout);
  }
  return "";
}

std::vector<Finding> examine_input_contract(const RuleContext& context) {
  const auto contract = find_image_input(context.view);
  if (!contract) return {};
  Finding finding{.code = "D11",
                  .damage = Damage::kInformation,
                  .what = fmt::format("input '{}': {}", contract->port.name, text_of(*contract)),
                  .evidence = contract->evidence,
                  .symptom = symptom_of(*contract),
                  .since = "",
                  .remedy = remedy_of(*contract)};
  if (subtracts(*contract)) {
    finding.what +=
        fmt::format(" (mean {}, std {})", numbers(contract->mean), numbers(contract->deviation));
  }
  return {finding};
}

}  // namespace

Rule input_contract() {
  return {"D11", examine_input_contract, nullptr};
}

}  // namespace tv2onnx::doctor
