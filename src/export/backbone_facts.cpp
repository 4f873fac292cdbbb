#include "export/backbone_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr const char* kTracedByScript =
    "scripts/export_backbone.py traces the backbone at three sizes and writes what it saw";
constexpr std::size_t kTraces = 3;

[[noreturn]] void refuse_facts(std::string found, std::string item, std::string expected,
                               std::vector<std::string> details = {},
                               std::string hint = kTracedByScript) {
  throw Error({.code = "W007",
               .found = std::move(found),
               .where = {.item = std::move(item)},
               .expected = std::move(expected),
               .details = std::move(details),
               .hint = std::move(hint)});
}

[[noreturn]] void refuse_metadata(std::string_view member) {
  refuse_facts(fmt::format("metadata without a readable \"{}\"", member), kBackboneKey,
               "what scripts/export_backbone.py writes");
}

const Setting& member(const Setting& dict, std::string_view name) {
  const Setting* found = dict.find(name);
  if (found == nullptr) refuse_metadata(name);
  return *found;
}

const SettingList& list_in(const Setting& dict, std::string_view name) {
  const SettingList* found = member(dict, name).list();
  if (found == nullptr) refuse_metadata(name);
  return *found;
}

std::int64_t number_in(const Setting& dict, std::string_view name) {
  const std::int64_t* found = member(dict, name).integer();
  if (found == nullptr || *found < 1) refuse_metadata(name);
  return *found;
}

std::string text_in(const Setting& dict, std::string_view name) {
  const std::string* found = member(dict, name).string();
  if (found == nullptr) refuse_metadata(name);
  return *found;
}

Shape shape_of(const Setting& list) {
  Shape shape;
  if (list.list() == nullptr || list.list()->size() != 4) refuse_metadata("shapes");
  for (const Setting& side : *list.list()) {
    if (side.integer() == nullptr) refuse_metadata("shapes");
    shape.push_back(*side.integer());
  }
  return shape;
}

/// What the traces at several sizes had different, or that there were none.
void require_equal_traces(const Setting& facts) {
  if (list_in(facts, "traced").size() < kTraces) {
    refuse_facts("fewer than three traces", kBackboneKey,
                 "traces at a small, a large and an odd size, which show what an image decides");
  }
  const SettingList& changed = list_in(facts, "changed");
  if (changed.empty()) return;
  std::vector<std::string> nodes;
  for (const Setting& node : changed) nodes.push_back(printable(to_json(node)));
  refuse_facts("what the traced image decided", kBackboneKey,
               "a graph that is the same whatever the size of the traced image", std::move(nodes));
}

/// Images of one shape and the maps that they give.
struct Measured {
  Shape images;
  std::vector<Shape> maps;
};

std::vector<Measured> measured_in(const Setting& facts) {
  std::vector<Measured> all;
  for (const Setting& row : list_in(facts, "shapes")) {
    Measured& measured = all.emplace_back(Measured{shape_of(member(row, "images")), {}});
    for (const Setting& map : list_in(row, "maps")) measured.maps.push_back(shape_of(map));
  }
  return all;
}

bool same_images(const Shape& a, const Shape& b) {
  return std::equal(a.begin() + 1, a.end(), b.begin() + 1, b.end());  // any batch
}

/// The shapes that the metadata have, else those that a run shows.
std::vector<Shape> look_up(const std::vector<Measured>& known, const BackboneFile& file,
                           const Shape& images) {
  for (const Measured& measured : known) {
    if (same_images(measured.images, images)) return measured.maps;
  }
  if (file.measure) return file.measure(images);
  refuse_facts(
      fmt::format("nothing says the shapes of the maps for images of {}", shape_text(images)),
      kBackboneKey,
      "metadata that have them: the default boxes of an SSD, and raw files, depend "
      "on them");
}

/// Whether the sides are those of maps with a stride: where it does not divide the image, there is
/// a cell more or not.
bool has_stride(std::int64_t image, std::int64_t cells, std::int64_t stride) {
  return cells == image / stride || cells == (image + stride - 1) / stride;
}

std::vector<Shape> measured_maps(const BackboneFile& file, const Shape& images, std::size_t count) {
  std::vector<Shape> maps = file.measure(images);
  const bool fits = maps.size() == count && std::ranges::all_of(maps, [&](const Shape& map) {
                      return map.size() == 4 && map[0] == images[0];
                    });
  if (fits) return maps;
  refuse_facts(fmt::format("images of {} give something else than one map for each of them",
                           shape_text(images)),
               "outputs", "[batch, channels, height, width] each");
}

/// Without metadata: strides and channels from one run, and whether other sizes agree.
void measure_maps(const BackboneFile& file, ForeignBackbone& known) {
  constexpr std::int64_t kSide = 256;
  const std::size_t count = known.maps.size();
  const auto at = [&](std::int64_t batch, std::int64_t height, std::int64_t width) {
    return measured_maps(file, {batch, known.channels, height, width}, count);
  };
  const std::vector<Shape> first = at(1, kSide, kSide);
  for (std::size_t k = 0; k < count; ++k) {
    known.maps[k].channels = first[k][1];
    if (file.strides.empty() && first[k][2] > 1) known.maps[k].stride = kSide / first[k][2];
    if (!file.strides.empty()) known.maps[k].stride = file.strides[k];
    if (known.maps[k].stride > 1 || first[k][2] == kSide) continue;
    refuse_facts("one cell for an image of 256 x 256, which tells no stride", known.maps[k].name,
                 "--strides, pixels per cell of each map", {}, "");
  }
  constexpr auto kOthers = std::to_array<std::array<std::int64_t, 3>>(
      {{1, kSide, kSide}, {2, 320, 192}, {1, 96, 416}, {3, 64, 64}});
  for (const auto& [batch, height, width] : kOthers) {
    const std::vector<Shape> maps = at(batch, height, width);
    for (std::size_t k = 0; k < count; ++k) {
      const std::int64_t stride = known.maps[k].stride;
      if (has_stride(height, maps[k][2], stride) && has_stride(width, maps[k][3], stride)) continue;
      refuse_facts(fmt::format("images of {} x {} pixels give a map of {} x {} cells", height,
                               width, maps[k][2], maps[k][3]),
                   known.maps[k].name, fmt::format("a cell for every {} pixels", stride));
    }
  }
}

/// Windows of a vision transformer: whether they are shifted depends on the size of the image, and
/// a trace keeps what its own image decided.
void require_no_windows(const View& view) {
  for (const OnnxNode* node : view.nodes()) {
    const OnnxAttribute* order = node->find("perm");
    if (node->op != "Transpose" || order == nullptr || order->ints.size() != 6) continue;
    refuse_facts("windows, which a trace of one size may have wrong for others",
                 printable(node->label()),
                 "metadata that say that traces at three sizes are equal");
  }
}

/// The map of an output: "0" of "map_0", as torch gives outputs no names that are numbers.
std::string map_name(std::string_view output) {
  constexpr std::string_view kPrefix = "map_";
  if (output.starts_with(kPrefix) && output != kPrefix) output.remove_prefix(kPrefix.size());
  return std::string(output);
}

void read_metadata(const Setting& facts, ForeignBackbone& known) {
  require_equal_traces(facts);
  known.module = text_in(facts, "module");
  const SettingList& maps = list_in(facts, "maps");
  if (maps.size() != known.maps.size()) refuse_metadata("maps");
  for (std::size_t k = 0; k < maps.size(); ++k) {
    if (text_in(maps[k], "name") != known.maps[k].name) refuse_metadata("maps");
    known.maps[k].channels = number_in(maps[k], "channels");
    known.maps[k].stride = number_in(maps[k], "stride");
  }
}

void require_strides(const ForeignBackbone& known, const BackboneFile& file) {
  std::vector<std::int64_t> strides;
  for (const ForeignBackbone::Map& map : known.maps) strides.push_back(map.stride);
  if (!file.strides.empty() && file.strides != strides) {
    refuse_facts(fmt::format("strides {}", fmt::join(file.strides, ",")), "--strides",
                 fmt::format("{}, as the file has them", fmt::join(strides, ",")), {},
                 "leave --strides out");
  }
  for (const ForeignBackbone::Map& map : known.maps) {
    if (map.stride > 0 && std::has_single_bit(static_cast<std::uint64_t>(map.stride))) continue;
    refuse_facts(fmt::format("{} pixels per cell", map.stride), map.name,
                 "a power of two, to which torchvision rounds when it pools boxes");
  }
}

}  // namespace

ForeignBackbone backbone_facts(const View& view, const BackboneFile& file) {
  const OnnxGraph& graph = view.model().graph;
  ForeignBackbone known{.file = {}, .channels = (*graph.inputs.front().dims)[1].value};
  for (const OnnxValueInfo& output : graph.outputs) {
    known.maps.push_back({.name = map_name(output.name)});
  }
  if (!file.strides.empty() && file.strides.size() != known.maps.size()) {
    refuse_facts(counted(file.strides.size(), "stride"), "--strides",
                 fmt::format("{}, one for each output", known.maps.size()), {}, "");
  }
  std::vector<Measured> measured;
  const auto metadata = view.model().metadata.find(kBackboneKey);
  if (metadata != view.model().metadata.end()) {
    const Setting facts = parse_json(metadata->second);
    read_metadata(facts, known);
    measured = measured_in(facts);
  } else if (file.measure) {
    require_no_windows(view);
    measure_maps(file, known);
  } else {
    refuse_facts("no metadata, and nothing to run the file with", kBackboneKey,
                 "metadata that say how the backbone was traced");
  }
  require_strides(known, file);
  known.shapes_of = [measured = std::move(measured), file](const Shape& images) {
    return look_up(measured, file, images);
  };
  return known;
}

}  // namespace tv2onnx
