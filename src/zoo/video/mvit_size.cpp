#include "zoo/video/mvit_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tv2onnx/error.h"
#include "zoo/option_rows.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kPatchFrames = 2;  // in a patch
constexpr std::int64_t kPatchSide = 4;    // likewise

using ClipSize = std::optional<std::pair<std::int64_t, std::int64_t>>;

struct SizeSettings {
  ClipSize spatial = {};
};
void option_rows(OptionRows& row, SizeSettings& settings) {
  row("spatial_size", kinds::kHeightAndWidthOrNone, "",
      "height and width of the frames, the only ones that the file then takes; None: square, as "
      "the weights say",
      settings.spatial);
}

/// Of a tensor that is there and has any.
std::optional<std::int64_t> rows_of(Scope s, const char* leaf) {
  const std::optional<Shape> shape = s.shape(leaf);
  return shape && !shape->empty() ? std::optional(shape->front()) : std::nullopt;
}

/// Of a table of relative positions of `places`: 2 places - 1 rows.
std::int64_t places_in(Scope attention, const char* leaf) {
  return (rows_of(attention, leaf).value_or(-1) + 1) / 2;
}

/// Patches along time, height, width.
std::array<std::int64_t, 3> grid_in_weights(Scope s) {
  const Scope positions = s / "pos_encoding";
  const std::optional<std::int64_t> spatial = rows_of(positions, "spatial_pos");
  const std::optional<std::int64_t> temporal = rows_of(positions, "temporal_pos");
  if (spatial && temporal) {
    const auto side = std::llround(std::sqrt(static_cast<double>(*spatial)));
    return {*temporal, side, side};
  }
  const Scope first = s / "blocks" / 0 / "attn";
  const std::int64_t side = places_in(first, "rel_pos_h");
  return {places_in(first, "rel_pos_t"), side, side};
}

/// What a whole module says of height and width, in patches.
ClipSize stated_grid(Scope s) {
  const Setting* stated = (s / "pos_encoding").stated("spatial_size");
  if (stated == nullptr || stated->list() == nullptr || stated->list()->size() != 2) return {};
  const std::int64_t* height = stated->list()->front().integer();
  const std::int64_t* width = stated->list()->back().integer();
  if (height == nullptr || width == nullptr) return {};
  return std::pair(*height, *width);
}

[[noreturn]] void refuse(Scope s, std::string found) {
  throw Error({.code = "W002",
               .found = std::move(found),
               .where = {.item = (s / "pos_encoding").prefix()},
               .expected = "height and width as the model was built with, multiples of 4",
               .hint = "--spatial-size HEIGHT,WIDTH"});
}

}  // namespace

std::vector<Option> mvit_size_options() {
  return declare_options(SizeSettings{});
}

MvitSize mvit_size(Scope s, const Config& config) {
  MvitSize size{.pixels = {}, .grid = grid_in_weights(s)};
  auto& [time, height, width] = size.grid;
  const ClipSize chosen = read_options<SizeSettings>(config).spatial;
  if (chosen) {
    height = chosen->first / kPatchSide;
    width = chosen->second / kPatchSide;
  } else if (const ClipSize stated = stated_grid(s)) {
    height = stated->first;
    width = stated->second;
  }
  size.pixels = {time * kPatchFrames, height * kPatchSide, width * kPatchSide};
  if (chosen && (chosen->first % kPatchSide != 0 || chosen->second % kPatchSide != 0)) {
    refuse(s,
           fmt::format("{}x{} pixels are not whole patches of 4x4", chosen->first, chosen->second));
  }
  const std::optional<std::int64_t> spatial = rows_of(s / "pos_encoding", "spatial_pos");
  if (spatial && *spatial != height * width) {
    refuse(s, fmt::format("the weights have {} places for frames of {}x{} patches", *spatial,
                          height, width));
  }
  const std::int64_t longest = places_in(s / "blocks" / 0 / "attn", "rel_pos_h");
  if (longest > 0 && longest != std::max(height, width)) {
    refuse(s, fmt::format("the weights have {} places for the longer side of {}x{} patches",
                          longest, height, width));
  }
  if (time < 1 || height < 1 || width < 1) refuse(s, "the weights do not say the size of clips");
  return size;
}

}  // namespace tv2onnx
