// The options of MultiScaleRoIAlign and what is made of them.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tv2onnx/error.h"
#include "zoo/detection/options.h"

namespace tv2onnx {

void option_rows(OptionRows& row, RoiPoolSettings& settings) {
  row("featmap_names", kinds::kNames, "featmap_names",
      fmt::format("feature maps that the features of {} are pooled from", settings.object),
      settings.featmap_names);
  row("output_size", kinds::kOneOrTwoCounts, "output_size",
      fmt::format("size of the features pooled for {}", settings.object), settings.output_size);
  row("sampling_ratio", kinds::kSamples, "sampling_ratio",
      "samples per bin and axis, 0 or -1 for adaptive", settings.sampling_ratio);
}

OptionPlace place_of_pool(const std::string& pool) {
  return {pool, "roi_heads." + pool};
}

RoiPoolSpec roi_pool_spec(const Config& config, const std::string& pool) {
  const auto settings = read_options<RoiPoolSettings>(config, place_of_pool(pool));
  std::vector<double> size;
  read_setting(settings.output_size, size);
  return {static_cast<std::int64_t>(size.front()), static_cast<std::int64_t>(size.back()),
          std::max<std::int64_t>(settings.sampling_ratio, 0)};
}

std::vector<FeatureMap> pooled_maps(const std::vector<FeatureMap>& levels, const Config& config,
                                    const std::string& pool) {
  // As torchvision: the order is the backbone's, and names that it does not have are skipped (the
  // default lists more levels than some backbones return).
  const auto wanted = read_options<RoiPoolSettings>(config, place_of_pool(pool)).featmap_names;
  std::vector<FeatureMap> maps;
  std::vector<std::string> known;
  for (const FeatureMap& level : levels) {
    known.push_back(level.name);
    if (std::ranges::find(wanted, level.name) != wanted.end()) maps.push_back(level);
  }
  if (maps.empty()) {
    throw Error({.code = "U002",
                 .found = fmt::format("none of {}", to_json(to_setting(wanted))),
                 .where = {.item = pool + ".featmap_names"},
                 .expected = fmt::format("some of {}", fmt::join(known, ", "))});
  }
  return maps;
}

}  // namespace tv2onnx
