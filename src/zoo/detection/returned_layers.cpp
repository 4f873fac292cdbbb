#include "zoo/detection/returned_layers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Choice = std::vector<FeatureMap>;

/// All ways to go through `maps`, from the finest to the last one, that have these channels.
std::vector<Choice> choices(const std::vector<FeatureMap>& maps,
                            const std::vector<std::int64_t>& channels) {
  std::vector<Choice> all{{}};
  for (std::size_t k = 0; k < maps.size(); ++k) {
    const bool last = k + 1 == maps.size();
    std::vector<Choice> longer;
    for (const Choice& choice : all) {
      if (choice.size() < channels.size() && channels[choice.size()] == maps[k].x.dim(1).number()) {
        longer.push_back(choice);
        longer.back().push_back(maps[k]);
      }
    }
    if (last) all.clear();
    std::ranges::move(longer, std::back_inserter(all));
  }
  std::erase_if(all, [&](const Choice& choice) { return choice.size() != channels.size(); });
  return all;
}

/// True if a stride is more than twice the one before it.
bool has_gap(const Choice& choice) {
  return std::ranges::adjacent_find(choice, [](const FeatureMap& fine, const FeatureMap& coarse) {
           return coarse.stride > 2 * fine.stride;
         }) != choice.end();
}

/// Where torchvision's builders cut a network: at its first layer, at those that make the map
/// smaller, and at a closing convolution. None if the weights end elsewhere.
std::vector<FeatureMap> cut_by_builders(Scope body, const std::vector<FeatureMap>& maps) {
  std::vector<FeatureMap> cuts;
  for (const FeatureMap& map : maps) {
    if (cuts.empty() || map.stride > cuts.back().stride) cuts.push_back(map);
  }
  if (cuts.empty() || cuts.back().name == maps.back().name) return cuts;
  if (!(body / maps.back().name).has("0.weight")) return {};
  cuts.push_back(maps.back());
  return cuts;
}

std::string text_of(const Choice& choice) {
  std::vector<std::string> names;
  for (const FeatureMap& map : choice) names.push_back(map.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Those of IntermediateLayerGetter.return_layers, under its names for them.
Choice stated_layers(const Setting& names, const std::vector<FeatureMap>& maps) {
  Choice chosen;
  for (const FeatureMap& map : maps) {
    const Setting* name = names.find(map.name);
    if (name == nullptr) continue;
    const std::string* text = name->string();
    chosen.push_back({map.x, map.stride, text != nullptr ? *text : to_json(*name)});
  }
  return chosen;
}

/// Under the names that torchvision's builders give: "0", "1", ...
Choice numbered(Choice choice) {
  for (std::size_t k = 0; k < choice.size(); ++k) choice[k].name = std::to_string(k);
  return choice;
}

bool same(const Choice& a, const Choice& b) {
  return std::ranges::equal(a, b, {}, &FeatureMap::name, &FeatureMap::name);
}

/// Of layers of one width, those that torchvision's builders can mean, if any.
std::vector<Choice> preferred(Scope body, const std::vector<FeatureMap>& maps,
                              const std::vector<std::int64_t>& channels, std::vector<Choice> all) {
  const std::vector<FeatureMap> cuts = cut_by_builders(body, maps);
  if (cuts.size() < 2 || cuts.size() == maps.size()) return all;
  std::vector<Choice> usual = choices(cuts, channels);
  if (usual.empty()) return all;
  const bool standard = same(usual.front(), {cuts.end() - 2, cuts.end()});
  if (usual.size() == 1 && all.size() > 1 && !standard) {
    body.assume(fmt::format(
        "the pyramid is assumed to take layers {} of the backbone, where torchvision's builders "
        "cut it; others have as many channels, and a state dict does not store which; if you "
        "chose others, save the whole module (torch.save(model))",
        text_of(usual.front())));
  }
  return usual;
}

[[noreturn]] void refuse(Scope fpn, const std::vector<Choice>& all) {
  std::vector<std::string> details;
  for (const Choice& choice : all) details.push_back("layers " + text_of(choice));
  throw Error({.code = "W002",
               .found = fmt::format("the pyramid's weights fit {} choices of the backbone's layers",
                                    all.size()),
               .where = {.item = fpn.prefix() + ".inner_blocks"},
               .details = std::move(details),
               .hint = "save the whole module (torch.save(model)), which says which layers it "
                       "returns"});
}

}  // namespace

std::vector<std::int64_t> inner_channels(Scope fpn) {
  std::vector<std::int64_t> channels;
  while (true) {
    const Scope block = fpn / "inner_blocks" / channels.size();
    std::optional<Shape> weight = block.shape("0.weight");
    if (!weight) weight = block.shape("weight");
    if (!weight || weight->size() != 4) return channels;
    channels.push_back((*weight)[1]);
  }
}

std::vector<FeatureMap> returned_layers(Scope body, Scope fpn,
                                        const std::vector<FeatureMap>& maps) {
  if (const Setting* stated = body.stated("return_layers")) {
    return stated_layers(*stated, maps);
  }
  const std::vector<std::int64_t> channels = inner_channels(fpn);
  std::vector<Choice> all = preferred(body, maps, channels, choices(maps, channels));
  // Boxes cannot be pooled across a gap, so layers without one are what was meant.
  if (all.size() > 1 && !std::ranges::all_of(all, has_gap)) std::erase_if(all, has_gap);
  if (all.size() > 1) refuse(fpn, all);
  // Where nothing fits, the coarsest: the report then names the blocks.
  const auto count =
      static_cast<std::ptrdiff_t>(std::clamp(channels.size(), std::size_t{1}, maps.size()));
  return numbered(all.empty() ? Choice(maps.end() - count, maps.end()) : all.front());
}

}  // namespace tv2onnx
