#include "detect/raw_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "nn/anchors.h"
#include "tv2onnx/error.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/one_stage.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

[[noreturn]] void fail(const Session& session, std::string found) {
  throw Error({.code = "R007",
               .found = std::move(found),
               .where = {.file = session.file()},
               .expected = "a file of tv2onnx export --outputs raw, as it was written",
               .hint = "export it again with this version of tv2onnx"});
}

std::string metadata_of(const Session& session, const char* key) {
  const auto entry = session.metadata().find(key);
  if (entry == session.metadata().end()) fail(session, fmt::format("no metadata {}", key));
  return entry->second;
}

/// The settings of the file over the defaults of its model.
Config config_of(const Session& session) {
  Config config(find_model(metadata_of(session, "tv2onnx.architecture")).options);
  const Setting all = parse_json(metadata_of(session, "tv2onnx.config"));
  if (all.dict() == nullptr) fail(session, "tv2onnx.config is no JSON object");
  for (const auto& [name, value] : *all.dict()) config.set(name, value, "tv2onnx.config");
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

std::vector<GridSize> grids_of(const Session& session, const Setting& raw) {
  std::vector<GridSize> grids;
  const Setting* list = raw.find("grids");
  if (list == nullptr || list->list() == nullptr) fail(session, "tv2onnx.raw has no grids");
  for (const Setting& grid : *list->list()) {
    const SettingList* sides = grid.list();
    const bool fits = sides != nullptr && sides->size() == 2 && (*sides)[0].integer() != nullptr &&
                      (*sides)[1].integer() != nullptr && *(*sides)[0].integer() > 0 &&
                      *(*sides)[1].integer() > 0;
    if (!fits) fail(session, "a grid of tv2onnx.raw is no pair of sizes");
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

void add_references(const Config& config, const std::vector<GridSize>& grids, RawModel& model) {
  if (model.family == RawFamily::kSsd) {
    const DefaultBoxSpec spec = default_box_spec(config);
    const std::vector<float> corners =
        to_float(default_boxes(spec, grids, {model.input[0], model.input[1]}));
    for (std::size_t k = 0; k < corners.size(); k += 4) {
      model.references.push_back({corners[k], corners[k + 1], corners[k + 2], corners[k + 3]});
    }
    const std::vector<std::int64_t> per_cell = default_boxes_per_cell(spec);
    for (std::size_t k = 0; k < grids.size(); ++k) {
      model.levels.push_back(
          static_cast<std::size_t>(grids[k].height * grids[k].width * per_cell[k]));
    }
    return;
  }
  const AnchorSpec anchors = anchor_spec(config);
  check_anchors(anchors, grids.size(), "anchor_generator");
  for (std::size_t k = 0; k < grids.size(); ++k) {
    const std::size_t before = model.references.size();
    append_anchors(cell_anchors(anchors.sizes[k], anchors.aspect_ratios[k]), grids[k], model.input,
                   model.references);
    model.levels.push_back(model.references.size() - before);
  }
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

}  // namespace

RawModel raw_model(const Session& session) {
  const Config config = config_of(session);
  const Setting raw = parse_json(metadata_of(session, "tv2onnx.raw"));
  const Shape& input = session.inputs()[0].shape;
  RawModel model{.family = family_of(session, raw),
                 .input = {input[2], input[3]},
                 .channels = input[1],
                 .transform = {},
                 .selection = dense_spec(config),
                 .references = {},
                 .levels = {}};
  model.transform =
      transform_spec(config, parse_torchvision_version(metadata_of(session, "tv2onnx.torchvision")),
                     model.channels);
  add_references(config, grids_of(session, raw), model);
  const auto logits = std::ranges::find(session.outputs(), "cls_logits", &PortInfo::name);
  model.classes = logits != session.outputs().end() && logits->shape.size() == 3
                      ? std::max<std::int64_t>(1, logits->shape[2])
                      : 1;
  model.logits = output_named(session, "cls_logits", model, model.classes);
  model.deltas = output_named(session, "bbox_regression", model, 4);
  if (model.family == RawFamily::kFcos) {
    model.centerness = output_named(session, "bbox_ctrness", model, 1);
  }
  return model;
}

}  // namespace tv2onnx
