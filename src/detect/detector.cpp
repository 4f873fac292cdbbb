#include "tv2onnx/detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "detect/prepare.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

Extent extent_of(const Tensor& images, std::int64_t channels, const std::string& file) {
  const Shape& shape = images.shape;
  if (shape.size() == 4 && images.dtype == DType::kUInt8 && shape[3] == channels) {
    return {shape[0], channels, shape[1], shape[2]};
  }
  if (shape.size() == 4 && images.dtype == DType::kFloat32 && shape[1] == channels) {
    return {shape[0], channels, shape[2], shape[3]};
  }
  throw Error(
      {.code = "R006",
       .found = fmt::format("images of type {} and shape {}", dtype_name(images.dtype),
                            shape_text(shape)),
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
         .hint = "tv2onnx export writes a file for every size from the same checkpoint"});
  }
  if (batch > 1 && batch != extent.batch) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} images at once", extent.batch),
                 .where = {.file = file},
                 .expected = fmt::format("{}: the file was exported for this batch only", batch),
                 .hint = "tv2onnx export writes a file for every batch from the same checkpoint"});
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

/// The outputs of one run, by meaning.
struct Outputs {
  std::vector<float> boxes;
  std::vector<std::int64_t> labels;
  std::vector<float> scores;
  std::vector<std::int64_t> places;  ///< num_detections or batch_index, may be empty

  Detection row(std::size_t k) const {
    return {
        {boxes[4 * k], boxes[4 * k + 1], boxes[4 * k + 2], boxes[4 * k + 3]}, labels[k], scores[k]};
  }
};

[[noreturn]] void contradiction(const std::string& file, std::string found) {
  throw Error({.code = "R007",
               .found = std::move(found),
               .where = {.file = file},
               .expected = "as many labels and scores as boxes, for the images that were given"});
}

Outputs read_outputs(const std::vector<Tensor>& results, const DetectorContract& contract,
                     const std::string& file) {
  Outputs outputs{to_float(results[contract.boxes]),
                  to_int64(results[contract.labels]),
                  to_float(results[contract.scores]),
                  {}};
  const auto places = contract.output == DetectorContract::Output::kBatched
                          ? contract.num_detections
                          : contract.batch_index;
  if (places) outputs.places = to_int64(results[*places]);
  const std::size_t rows = outputs.labels.size();
  if (outputs.boxes.size() != 4 * rows || outputs.scores.size() != rows) {
    contradiction(file, fmt::format("the outputs disagree: boxes {}, labels {}, scores {}",
                                    shape_text(results[contract.boxes].shape),
                                    shape_text(results[contract.labels].shape),
                                    shape_text(results[contract.scores].shape)));
  }
  return outputs;
}

void append_batched(const Outputs& outputs, std::int64_t batch, const std::string& file,
                    std::vector<Detections>& all) {
  const auto images = static_cast<std::size_t>(batch);
  const std::size_t rows = images == 0 ? 0 : outputs.labels.size() / images;
  if (outputs.places.size() != images || rows * images != outputs.labels.size()) {
    contradiction(file, fmt::format("results for {} images, but {} were given",
                                    outputs.places.size(), images));
  }
  for (std::size_t b = 0; b < images; ++b) {
    if (outputs.places[b] < 0 || static_cast<std::size_t>(outputs.places[b]) > rows) {
      contradiction(file, fmt::format("num_detections is {}, but there are {} rows",
                                      outputs.places[b], rows));
    }
    Detections& detections = all.emplace_back();
    const auto count = static_cast<std::size_t>(outputs.places[b]);
    for (std::size_t k = 0; k < count; ++k) detections.push_back(outputs.row(b * rows + k));
  }
}

void append_flat(const Outputs& outputs, bool indexed, std::int64_t batch, const std::string& file,
                 std::vector<Detections>& all) {
  const std::size_t first = all.size();
  all.resize(first + static_cast<std::size_t>(batch));
  if (indexed && outputs.places.size() != outputs.labels.size()) {
    contradiction(file, fmt::format("batch_index has {} entries for {} detections",
                                    outputs.places.size(), outputs.labels.size()));
  }
  for (std::size_t k = 0; k < outputs.labels.size(); ++k) {
    const std::int64_t image = indexed ? outputs.places[k] : 0;
    if (image < 0 || image >= batch) {
      contradiction(file, fmt::format("batch_index is {} for {} images", image, batch));
    }
    all[first + static_cast<std::size_t>(image)].push_back(outputs.row(k));
  }
}

}  // namespace

Detector::Detector(const std::filesystem::path& model, const SessionOptions& options)
    : session_(model, options), contract_(detector_contract(session_)) {}

std::vector<Detections> Detector::run(const Tensor& images) const {
  const std::string& file = session_.file();
  const Tensor all = in_channels(contiguous(images), contract_.size[1]);
  const Extent extent = extent_of(all, contract_.size[1], file);
  require_size(extent, contract_, file);
  const bool batched = contract_.output == DetectorContract::Output::kBatched;
  const bool whole = contract_.size[0] != 1 && (batched || contract_.batch_index);
  const std::int64_t step = whole ? std::max<std::int64_t>(extent.batch, 1) : 1;
  std::vector<Detections> detections;
  for (std::int64_t first = 0; first < extent.batch; first += step) {
    const Extent part{step, extent.channels, extent.height, extent.width};
    Tensor input = prepare(slice(all, first, step), part, contract_);
    if (session_.inputs()[0].shape.size() == 3) input.shape.erase(input.shape.begin());
    const Outputs outputs = read_outputs(session_.run({input}), contract_, file);
    if (batched) {
      append_batched(outputs, step, file, detections);
    } else {
      append_flat(outputs, contract_.batch_index.has_value(), step, file, detections);
    }
  }
  return detections;
}

}  // namespace tv2onnx
