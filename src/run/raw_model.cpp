#include "run/raw_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/anchors.h"
#include "tv2onnx/error.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/one_stage.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kLongestSide = 1 << 20;  // pixels; the product of two is a number yet

[[noreturn]] void fail(const Session& session, std::string found) {
  throw Error({.code = "R007",
               .found = std::move(found),
               .where = {.file = session.file()},
               .expected = "a file of tv2onnx export --outputs raw, as it was written",
               .hint = "export it again with this version of tv2onnx"});
}

/// The settings of the file over the defaults of its model.
Config config_of(const Session& session, const FileMetadata& metadata) {
  if (metadata.architecture.empty() || metadata.torchvision.empty()) {
    fail(session, "metadata without architecture or release of torchvision");
  }
  Config config(find_model(metadata.architecture).options);
  if (metadata.config.dict() == nullptr) fail(session, "tv2onnx.config is not a JSON object");
  for (const auto& [name, value] : *metadata.config.dict()) {
    config.set(name, value, "tv2onnx.config");
  }
  return config;
}

RawFamily family_of(const Session& session, const Setting& raw) {
  const Setting* family = raw.find("family");
  const std::string name =
      family != nullptr && family->string() != nullptr ? *family->string() : to_json(raw);
  if (name == "retinanet") return RawFamily::kRetinaNet;
  if (name == "fcos") return RawFamily::kFcos;
  if (name == "ssd") return RawFamily::kSsd;
  fail(session, fmt::format("tv2onnx.raw names no family known here: {}", name));
}

/// \throws Error R007 if it is no image of one size.
ImageSize input_size(const Session& session) {
  const Shape& shape = session.inputs()[0].shape;
  const bool fixed = shape.size() == 4 && shape[0] == 1 &&
                     std::ranges::all_of(
                         shape, [](std::int64_t side) { return side > 0 && side <= kLongestSide; });
  if (!fixed) fail(session, fmt::format("an input {}, which is not an image", shape_text(shape)));
  return {shape[2], shape[3]};
}

std::vector<GridSize> grids_of(const Session& session, const Setting& raw, const ImageSize& input) {
  std::vector<GridSize> grids;
  const Setting* list = raw.find("grids");
  if (list == nullptr || list->list() == nullptr) fail(session, "tv2onnx.raw has no grids");
  for (const Setting& grid : *list->list()) {
    const SettingList* sides = grid.list();
    const auto fits = [&](std::size_t k) {
      const std::int64_t* side = (*sides)[k].integer();
      return side != nullptr && *side > 0 && *side <= input[k];
    };
    if (sides == nullptr || sides->size() != 2 || !fits(0) || !fits(1)) {
      fail(session, "a grid of tv2onnx.raw is not a size of a feature map");
    }
    grids.push_back({*(*sides)[0].integer(), *(*sides)[1].integer()});
  }
  return grids;
}

/// AnchorGenerator.grid_anchors
void append_anchors(const Tensor& base, const GridSize& grid, const ImageSize& input,
                    std::vector<Corners>& all) {
  const std::vector<float> cell = to_float(base);
  const std::int64_t down = input[0] / grid.height;
  const std::int64_t across = input[1] / grid.width;
  for (std::int64_t row = 0; row < grid.height; ++row) {
    for (std::int64_t column = 0; column < grid.width; ++column) {
      const auto x = static_cast<float>(column * across);
      const auto y = static_cast<float>(row * down);
      for (std::size_t k = 0; k < cell.size(); k += 4) {
        all.push_back({cell[k] + x, cell[k + 1] + y, cell[k + 2] + x, cell[k + 3] + y});
      }
    }
  }
}

/// Anchors or default boxes per cell of each map.
std::vector<std::int64_t> per_cell(const Config& config, RawFamily family, std::size_t maps) {
  if (family == RawFamily::kSsd) {
    const DefaultBoxSpec spec = default_box_spec(config);
    check_default_boxes(spec, maps);
    return default_boxes_per_cell(spec);
  }
  const AnchorSpec spec = anchor_spec(config);
  check_anchors(spec, maps, "anchor_generator");
  std::vector<std::int64_t> counts;
  for (std::size_t k = 0; k < maps; ++k) {
    counts.push_back(
        static_cast<std::int64_t>(spec.sizes[k].size() * spec.aspect_ratios[k].size()));
  }
  return counts;
}

const PortInfo& logits_of(const Session& session) {
  const auto logits = std::ranges::find(session.outputs(), "cls_logits", &PortInfo::name);
  if (logits != session.outputs().end() && logits->shape.size() == 3) return *logits;
  fail(session, "no output 'cls_logits' [1, anchors, classes]");
}

/// How many references each map has. The file must have as many rows, so that metadata that were
/// edited cannot ask for more memory than running the file takes.
std::vector<std::size_t> levels_of(const Session& session, const std::vector<std::int64_t>& counts,
                                   const std::vector<GridSize>& grids) {
  std::vector<std::size_t> levels;
  std::int64_t left = logits_of(session).shape[1];
  for (std::size_t k = 0; k < grids.size() && left > 0; ++k) {
    const std::int64_t cells = grids[k].height * grids[k].width;
    const bool fits = counts[k] > 0 && cells <= left / counts[k];
    left = fits ? left - cells * counts[k] : -1;
    levels.push_back(static_cast<std::size_t>(cells * counts[k]));
  }
  if (left != 0 || levels.size() != grids.size()) {
    fail(session, "tv2onnx.raw has another number of anchors than cls_logits");
  }
  return levels;
}

std::vector<Corners> references_of(const Config& config, RawFamily family,
                                   const std::vector<GridSize>& grids, const ImageSize& input) {
  std::vector<Corners> all;
  if (family == RawFamily::kSsd) {
    const std::vector<float> corners =
        to_float(default_boxes(default_box_spec(config), grids, {input[0], input[1]}));
    for (std::size_t k = 0; k < corners.size(); k += 4) {
      all.push_back({corners[k], corners[k + 1], corners[k + 2], corners[k + 3]});
    }
    return all;
  }
  const AnchorSpec anchors = anchor_spec(config);
  for (std::size_t k = 0; k < grids.size(); ++k) {
    append_anchors(cell_anchors(anchors.sizes[k], anchors.aspect_ratios[k]), grids[k], input, all);
  }
  return all;
}

/// The output [1, references, columns].
std::size_t output_named(const Session& session, std::string_view name, const RawModel& model,
                         std::int64_t columns) {
  const Shape shape{1, static_cast<std::int64_t>(model.references.size()), columns};
  const std::vector<PortInfo>& outputs = session.outputs();
  const auto port = std::ranges::find(outputs, name, &PortInfo::name);
  if (port == outputs.end()) fail(session, fmt::format("no output '{}'", name));
  if (port->shape != shape || port->dtype != DType::kFloat32) {
    fail(session, fmt::format("output '{}' is {}, and float32 {} is what the metadata say", name,
                              shape_text(port->shape), shape_text(shape)));
  }
  return static_cast<std::size_t>(port - outputs.begin());
}

RawModel read_raw_model(const Session& session, const FileMetadata& metadata) {
  const Config config = config_of(session, metadata);
  const Setting& raw = metadata.raw;
  const ImageSize input = input_size(session);
  RawModel model{.family = family_of(session, raw),
                 .input = input,
                 .channels = session.inputs()[0].shape[1],
                 .transform = {},
                 .selection = dense_spec(config),
                 .references = {},
                 .levels = {}};
  model.transform =
      transform_spec(config, parse_torchvision_version(metadata.torchvision), model.channels);
  const std::vector<GridSize> grids = grids_of(session, raw, input);
  model.levels = levels_of(session, per_cell(config, model.family, grids.size()), grids);
  model.references = references_of(config, model.family, grids, input);
  model.classes = std::max<std::int64_t>(1, logits_of(session).shape[2]);
  model.logits = output_named(session, "cls_logits", model, model.classes);
  model.deltas = output_named(session, "bbox_regression", model, 4);
  if (model.family == RawFamily::kFcos) {
    model.centerness = output_named(session, "bbox_ctrness", model, 1);
  }
  return model;
}

}  // namespace

RawModel raw_model(const Session& session, const Contract& contract) {
  try {
    return read_raw_model(session, contract.metadata);
  } catch (const Error& error) {
    // What would be a wrong option elsewhere is a damaged file here.
    if (error.code() == "R007") throw;
    const std::string& item = error.parts().where.item;
    fail(session, fmt::format("damaged metadata: {}{}{}", item, item.empty() ? "" : ": ",
                              error.parts().found));
  }
}

}  // namespace tv2onnx
