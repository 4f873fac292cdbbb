#include "doctor/input_guard.h"

#include <algorithm>

#include "contract/image_input.h"
#include "nn/detections.h"
#include "onnx/schema.h"
#include "rewrite/splice.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

[[noreturn]] void refuse(std::string found, std::string hint) {
  throw Error({.code = "D113",
               .found = std::move(found),
               .where = {.item = "--input"},
               .expected = "a file that takes float images, RGB 0..1, channels first",
               .hint = std::move(hint)});
}

ImageInput guarded_input(const View& view) {
  const std::optional<ImageInput> contract = find_image_input(view);
  if (!contract || view.nodes().empty()) refuse("the file takes no image", "");
  const bool planes = contract->layout == Layout::kPlanes;
  const bool unit = contract->range == PixelRange::kUnit;
  if (contract->port.dtype == DType::kFloat32 && planes && unit) {
    return *contract;
  }
  refuse("the file takes " + text_of(*contract),
         contract->range == PixelRange::kUnknown
             ? "its caller normalises; tv2onnx doctor --rebuild moves that into the file"
             : "");
}

/// float [batch, 3, height, width] becomes uint8 [batch, height, width, 3].
void declare_bytes(OnnxValueInfo& port) {
  port.data_type = schema::data_type(DType::kUInt8);
  std::vector<OnnxValueInfo::Dim>& dims = *port.dims;
  std::rotate(dims.end() - 3, dims.end() - 2, dims.end());
  port.source = {};
}

}  // namespace

void add_input_guard(OnnxModel& model, InputMode mode) {
  if (mode == InputMode::kFloat) return;
  if (mode == InputMode::kNormalized) {
    throw Error({.code = "U002",
                 .found = "images that callers normalise, of a file that is repaired in place",
                 .where = {.item = "--input normalized"},
                 .expected = "float, uint8 or auto",
                 .hint = "tv2onnx doctor --rebuild builds the file anew and takes it"});
  }
  View view(model);
  const ImageInput image_input = guarded_input(view);
  const std::string input = image_input.port.name;
  const Dims dims(image_input.port.shape.size());
  const bool bytes = mode == InputMode::kUint8;
  const auto unit = [&](Graph&, std::span<const Value> image) {
    return unit_planes(image[0], mode);
  };
  // Made aside first: the readers of the input that are there now are the ones that change.
  const std::vector<View::Use> readers = view.uses(input);
  const std::string image =
      insert_before(view, *view.nodes().front(), "image",
                    {{input, bytes ? DType::kUInt8 : DType::kFloat32, dims}}, unit);
  for (const View::Use& use : readers) view.set_input(*use.node, use.input, image);
  const auto port = std::ranges::find(model.graph.inputs, input, &OnnxValueInfo::name);
  if (bytes) declare_bytes(*port);
}

}  // namespace tv2onnx::doctor
