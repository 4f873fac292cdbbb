#include "zoo/detection/backbone_from_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tv2onnx/error.h"
#include "zoo/detection/returned_layers.h"

namespace tv2onnx {
namespace {

[[noreturn]] void refuse(const ForeignBackbone& backbone, std::string found, std::string expected,
                         std::string hint = {}) {
  throw Error({.code = "W007",
               .found = std::move(found),
               .where = {.file = backbone.file},
               .expected = std::move(expected),
               .hint = std::move(hint)});
}

std::vector<std::int64_t> channels_of(const ForeignBackbone& backbone) {
  std::vector<std::int64_t> channels;
  for (const ForeignBackbone::Map& map : backbone.maps) channels.push_back(map.channels);
  return channels;
}

/// Channels of what a pyramid gives, or kAny.
std::int64_t pyramid_channels(Scope fpn) {
  const Scope block = fpn / "layer_blocks" / 0;
  std::optional<Shape> weight = block.shape("0.weight");
  if (!weight) weight = block.shape("weight");
  return weight && !weight->empty() ? weight->front() : kAny;
}

/// Whether the file is what a pyramid of the checkpoint is fed with, or all of the backbone.
bool is_body(Scope s, const ForeignBackbone& backbone) {
  const std::vector<std::int64_t> inner = inner_channels(s / "fpn");
  const std::vector<std::int64_t> given = channels_of(backbone);
  const std::int64_t out = pyramid_channels(s / "fpn");
  const bool body = !inner.empty() && given == inner && backbone.module != s.prefix();
  const bool whole =
      (inner.empty() || std::ranges::all_of(given, [&](auto c) { return c == out; })) &&
      (backbone.module.empty() || backbone.module == s.prefix());
  if (body != whole) return body;
  const std::string found = fmt::format("maps of {} channels", fmt::join(given, ", "));
  const std::string pyramid =
      fmt::format("what {}.fpn is fed with ({} channels)", s.prefix(), fmt::join(inner, ", "));
  if (body) {
    refuse(backbone, found + ", which are as many before the feature pyramid as after it",
           "metadata that say which it is: scripts/export_backbone.py writes them");
  }
  if (inner.empty()) {
    refuse(backbone, fmt::format("the file is {}", backbone.module),
           fmt::format("all of the backbone: the checkpoint has no {}.fpn", s.prefix()));
  }
  refuse(backbone, found, fmt::format("{}, or what it gives ({} channels each)", pyramid, out));
}

/// As far as it is known: where images have one size, maps have, too.
std::vector<OutputType> types_of(Value x, const ForeignBackbone& backbone) {
  std::vector<OutputType> types;
  for (const ForeignBackbone::Map& map : backbone.maps) {
    types.push_back({DType::kFloat32, Dims{x.dim(0), map.channels, Dim(), Dim()}});
  }
  if (!x.dim(2).is_number() || !x.dim(3).is_number()) return types;
  const Shape images{1, backbone.channels, x.dim(2).number(), x.dim(3).number()};
  const std::vector<Shape> shapes = backbone.shapes_of(images);
  for (std::size_t k = 0; k < types.size(); ++k) {
    const bool fits =
        k < shapes.size() && shapes[k].size() == 4 && shapes[k][1] == backbone.maps[k].channels;
    if (!fits) {
      refuse(backbone,
             fmt::format("the map {} of images of {} has not the {} channels that are declared",
                         backbone.maps[k].name, shape_text(images), backbone.maps[k].channels),
             "maps whose shapes are those that the file declares");
    }
    (*types[k].dims)[2] = shapes[k][2];
    (*types[k].dims)[3] = shapes[k][3];
  }
  return types;
}

}  // namespace

MapsFromFile maps_from_file(Scope s, Value x, const ForeignBackbone& backbone) {
  MapsFromFile found{.maps = {}, .is_body = is_body(s, backbone)};
  s.pass_over(found.is_body ? "fpn" : "");
  const NameScope names(s.graph(), s.prefix());
  const std::vector<Value> values = s.graph().emit(kBackboneNode, {x}, types_of(x, backbone));
  for (std::size_t k = 0; k < values.size(); ++k) {
    found.maps.push_back({values[k], backbone.maps[k].stride, backbone.maps[k].name});
  }
  return found;
}

}  // namespace tv2onnx
