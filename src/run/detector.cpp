#include "tv2onnx/detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "run/outputs.h"
#include "run/prepare.h"
#include "run/raw_image.h"
#include "run/raw_model.h"
#include "run/raw_selection.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

void require_images(const Tensor& images, std::int64_t channels, const std::string& file) {
  const bool known = images.dtype == DType::kUInt8 || images.dtype == DType::kFloat32;
  if (known && images.shape.size() == 4 && extent_of(images).channels == channels) return;
  throw Error(
      {.code = "R006",
       .found = fmt::format("images of type {} and shape {}", dtype_name(images.dtype),
                            shape_text(images.shape)),
       .where = {.file = file},
       .expected =
           fmt::format("uint8 [n,height,width,{0}] or float32 [n,{0},height,width]", channels),
       .hint = channels == 3 ? ""
                             : fmt::format("the model was trained on images of {} channels, which "
                                           "photos do not have; give them as arrays",
                                           channels)});
}

std::string axis_text(std::int64_t number) {
  return number < 0 ? "any" : std::to_string(number);
}

void require_size(const Extent& extent, const DetectorContract& contract, const std::string& file) {
  const auto [batch, channels, height, width] = contract.size;
  const bool fits = (height < 0 || height == extent.height) && (width < 0 || width == extent.width);
  if (!fits) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("an image of height {} and width {}", extent.height, extent.width),
         .where = {.file = file},
         .expected = fmt::format("height {} and width {}: the file was exported for this "
                                 "size only",
                                 axis_text(height), axis_text(width)),
         .hint = "export the checkpoint with tv2onnx: its files take every size"});
  }
  if (batch > 1 && batch != extent.batch) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} images at once", extent.batch),
                 .where = {.file = file},
                 .expected = fmt::format("{}: the file was exported for this batch only", batch),
                 .hint = "export the checkpoint with tv2onnx: its files take every batch"});
  }
}

/// Images [first, first + count) of a contiguous tensor, in place.
Tensor slice(const Tensor& images, std::int64_t first, std::int64_t count) {
  Tensor part = images;
  part.shape[0] = count;
  const std::size_t image_bytes =
      part.byte_size() / static_cast<std::size_t>(std::max<std::int64_t>(count, 1));
  part.data += static_cast<std::size_t>(first) * image_bytes;
  return part;
}

Tensor contiguous(const Tensor& images) {
  if (images.is_contiguous()) return images;
  auto bytes = std::make_shared<std::vector<std::byte>>(contiguous_bytes(images));
  return {images.dtype, images.shape, {}, bytes->data(), bytes};
}

/// `image`: float32 [1, channels, height, width]
Detections run_raw(const Session& session, const RawModel& model, const Tensor& image) {
  const RawImage input = raw_image(image, model);
  const std::vector<Tensor> results = session.run({input.x});
  RawOutputs outputs{results[model.logits].as<float>(), results[model.deltas].as<float>(), {}};
  if (model.family == RawFamily::kFcos) {
    outputs.centerness = results[model.centerness].as<float>();
  }
  return select_detections(outputs, model, input.size, {image.shape[2], image.shape[3]});
}

}  // namespace

Detector::Detector(const std::filesystem::path& model, const SessionOptions& options)
    : session_(model, options), contract_(detector_contract(session_)) {
  if (contract_.output == DetectorContract::Output::kRaw) {
    raw_ = std::make_shared<RawModel>(raw_model(session_));
  }
}

Tensor Detector::session_input(const Tensor& image) const {
  const Tensor one = in_channels(contiguous(image), contract_.size[1]);
  require_images(one, contract_.size[1], session_.file());
  Tensor input = prepare(one, contract_);
  return raw_ ? raw_image(input, *raw_).x : input;
}

std::vector<Detections> Detector::run(const Tensor& images) const {
  const std::string& file = session_.file();
  const Tensor all = in_channels(contiguous(images), contract_.size[1]);
  require_images(all, contract_.size[1], file);
  const Extent extent = extent_of(all);
  require_size(extent, contract_, file);
  const bool batched = contract_.output == DetectorContract::Output::kBatched;
  const bool whole = contract_.size[0] != 1 && (batched || contract_.batch_index);
  const std::int64_t step = whole ? std::max<std::int64_t>(extent.batch, 1) : 1;
  std::vector<Detections> detections;
  for (std::int64_t first = 0; first < extent.batch; first += step) {
    const Extent part{step, extent.channels, extent.height, extent.width};
    Tensor input = prepare(slice(all, first, step), contract_);
    if (raw_) {
      detections.push_back(run_raw(session_, *raw_, input));
      continue;
    }
    if (session_.inputs()[0].shape.size() == 3) input.shape.erase(input.shape.begin());
    append_detections(session_.run({input}), contract_, part, file, detections);
  }
  return detections;
}

}  // namespace tv2onnx
