#include "checkpoint/detector_prefixes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <string_view>

namespace tv2onnx {
namespace {

// Members of torchvision's detectors, as bits. One alone is found in many models.
constexpr unsigned kBackbone = 1;
constexpr unsigned kProposals = 2;
constexpr unsigned kRoiHeads = 4;
constexpr unsigned kClasses = 8;
constexpr unsigned kBoxes = 16;

struct Part {
  std::string_view key;
  unsigned bit;
};
constexpr auto kParts = std::to_array<Part>({{"backbone.", kBackbone},
                                             {"rpn.head.", kProposals},
                                             {"roi_heads.", kRoiHeads},
                                             {"head.classification_head.", kClasses},
                                             {"head.regression_head.", kBoxes}});

constexpr std::size_t kMaxKey = 500;  // longer ones are none of a model

bool is_complete(unsigned parts) {
  constexpr unsigned kTwoStages = kBackbone | kProposals | kRoiHeads;
  constexpr unsigned kOneStage = kBackbone | kClasses | kBoxes;
  return (parts & kTwoStages) == kTwoStages || (parts & kOneStage) == kOneStage;
}

struct Place {
  unsigned parts = 0;
  std::size_t order = 0;
};

/// All places below which one of the parts is.
std::map<std::string_view, Place> places_of(std::span<const std::string> keys) {
  std::map<std::string_view, Place> places;
  for (const std::string& key : keys) {
    if (key.size() > kMaxKey) continue;
    for (const Part& part : kParts) {
      for (std::size_t at = key.find(part.key); at != std::string::npos;
           at = key.find(part.key, at + 1)) {
        if (at > 0 && key[at - 1] != '.') continue;
        const auto [place, is_new] = places.try_emplace(std::string_view(key).substr(0, at));
        if (is_new) place->second.order = places.size();
        place->second.parts |= part.bit;
      }
    }
  }
  return places;
}

}  // namespace

std::vector<std::string> detector_prefixes(std::span<const std::string> keys) {
  const std::map<std::string_view, Place> places = places_of(keys);
  const bool any_complete = std::ranges::any_of(
      places, [](const auto& entry) { return is_complete(entry.second.parts); });
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto& [prefix, place] : places) {
    const bool counts = any_complete ? is_complete(place.parts) : std::popcount(place.parts) > 1;
    if (counts) found.emplace_back(place.order, prefix);
  }
  std::ranges::sort(found);
  std::vector<std::string> prefixes;
  for (auto& [order, prefix] : found) prefixes.push_back(std::move(prefix));
  return prefixes;
}

}  // namespace tv2onnx
