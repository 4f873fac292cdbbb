#include "tv2onnx/detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/tensor_check.h"
#include "base/text.h"
#include "contract/image_input.h"
#include "onnx/model.h"
#include "run/graph_contract.h"
#include "run/open_session.h"
#include "run/outputs.h"
#include "run/prepare.h"
#include "run/raw_image.h"
#include "run/raw_model.h"
#include "run/raw_selection.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Form = DetectionOutputs::Form;

void require_images(const Tensor& images, std::int64_t channels, const std::string& file) {
  const bool known = images.dtype == DType::kUInt8 || images.dtype == DType::kFloat32;
  if (known && images.shape.size() == 4 && extent_of(images).channels == channels &&
      (images.shape[0] == 0 || images.size() > 0)) {
    return;
  }
  throw Error(
      {.code = "R006",
       .found = fmt::format("images of type {} and shape {}", dtype_name(images.dtype),
                            shape_text(images.shape)),
       .where = {.file = file},
       .expected = fmt::format(
           "uint8 [n,height,width,{0}] or float32 [n,{0},height,width], not empty", channels),
       .hint = channels == 3 ? ""
                             : fmt::format("the model was trained on images of {} channels, which "
                                           "photos do not have; give them as arrays",
                                           channels)});
}

std::string axis_text(std::int64_t number) {
  return number < 0 ? "any" : std::to_string(number);
}

void require_size(const Extent& extent, const Contract& contract, const std::string& file) {
  const bool any = contract.outputs.form == Form::kRaw;  // images are resized before
  const auto [height, width] = any ? ImageSize{-1, -1} : contract.input.size();
  const std::int64_t batch = contract.input.batch();
  const bool fits = (height < 0 || height == extent.height) && (width < 0 || width == extent.width);
  if (!fits) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("an image of height {} and width {}", extent.height, extent.width),
         .where = {.file = file},
         .expected = fmt::format("height {} and width {}: the file was exported for this "
                                 "size only",
                                 axis_text(height), axis_text(width)),
         .hint = "tv2onnx export writes a file for every size"});
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
  require_readable(images);
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

std::string port_text(const PortInfo& port) {
  std::string dims;
  for (std::size_t k = 0; k < port.shape.size(); ++k) {
    if (k > 0) dims += ",";
    const std::string& symbol = port.symbols[k];
    dims += port.shape[k] >= 0 ? std::to_string(port.shape[k])
                               : (symbol.empty() ? "?" : printable(symbol, 30));
  }
  return fmt::format("{} {} [{}]", printable(port.name, 40), dtype_name(port.dtype), dims);
}

[[noreturn]] void refuse(const Session& session, const Contract& contract) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> details;
  for (const PortInfo& port : session.inputs()) details.push_back("input     " + port_text(port));
  const std::vector<PortInfo>& outputs = session.outputs();
  for (std::size_t k = 0; k < std::min(outputs.size(), kShown); ++k) {
    details.push_back("output    " + port_text(outputs[k]));
  }
  if (outputs.size() > kShown) {
    details.push_back(fmt::format("output    ... and {} more", outputs.size() - kShown));
  }
  throw Error(
      {.code = "R007",
       .found = contract.doubt,
       .where = {.file = session.file()},
       .expected =
           contract.task != Task::kDetection
               ? "a detector"
               : "input float32 [3,h,w] or [batch,3,h,w], or uint8 [batch,h,w,3]; outputs "
                 "boxes float [n,4], labels int64 [n], scores float [n] in any order, of some "
                 "models "
                 "masks float [n,1,h,w] or keypoints float [n,k,3] with their scores float [n,k]",
       .details = std::move(details),
       .hint = contract.remedy});
}

/// The outputs for each image, from what a run gave: nothing else tells of them.
void append_each(const std::vector<Tensor>& results, const Extent& extent, const std::string& file,
                 std::vector<Detections>& all) {
  std::vector<PortInfo> ports;
  for (const Tensor& result : results) ports.push_back({"", result.dtype, result.shape, {}});
  const auto images = static_cast<std::size_t>(extent.batch);
  const std::vector<DetectionOutputs> outputs = outputs_of_each_image(ports, images);
  if (outputs.empty()) {
    throw Error({.code = "R007",
                 .found = fmt::format("{} outputs, which are not boxes, labels and scores of each "
                                      "of {} images",
                                      results.size(), images),
                 .where = {.file = file},
                 .expected = "for each image boxes float [n,4], labels int64 [n], scores float "
                             "[n]"});
  }
  const Extent one{1, extent.channels, extent.height, extent.width};
  for (const DetectionOutputs& each : outputs) append_detections(results, each, one, file, all);
}

}  // namespace

Contract read_contract(const Session& session) {
  return read_contract({session.metadata(), session.inputs(), session.outputs()});
}

Contract read_contract(const Session& session, OnnxModel& model) {
  const std::optional<ImageInput> input = find_image_input(View(model));
  return read_contract({session.metadata(), session.inputs(), session.outputs()},
                       input ? &*input : nullptr);
}

Detector::Detector(const std::filesystem::path& model, const SessionOptions& options)
    : session_(open_session(model, options)), contract_(read_contract(session_)) {
  if (contract_.known() && !contract_.metadata.input) {
    OnnxModel graph = read_onnx_model(model);
    contract_ = read_contract(session_, graph);
  }
  if (!contract_.known()) refuse(session_, contract_);
  if (contract_.outputs.form == Form::kRaw) {
    raw_ = std::make_shared<RawModel>(raw_model(session_, contract_));
  }
}

Detector::Detector(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  const std::size_t rank = contract_.input.port.shape.size();
  const bool image = rank == 3 || rank == 4;
  if (contract_.input.layout == Layout::kUnknown || !image) refuse(session_, contract_);
  if (contract_.outputs.form == Form::kRaw) {
    raw_ = std::make_shared<RawModel>(raw_model(session_, contract_));
  }
}

Tensor Detector::session_input(const Tensor& images) const {
  const std::int64_t channels = contract_.input.channels();
  const Tensor all = in_channels(contiguous(images), channels);
  require_images(all, channels, session_.file());
  Tensor input = prepare(all, contract_.input, preparation_for(contract_.input));
  return raw_ ? raw_image(input, *raw_).x : input;
}

std::vector<Detections> Detector::run(const Tensor& images) const {
  return run(images, preparation_for(contract_.input));
}

std::vector<Detections> Detector::run(const Tensor& images, const Preparation& preparation) const {
  const std::string& file = session_.file();
  const ImageInput& input = contract_.input;
  const Tensor all = in_channels(contiguous(images), input.channels());
  require_images(all, input.channels(), file);
  const Extent extent = extent_of(all);
  require_size(extent, contract_, file);
  const Form form = contract_.outputs.form;
  const bool one_by_one = input.batch() == 1 || form == Form::kRaw ||
                          (form == Form::kFlat && !contract_.outputs.batch_index);
  const std::int64_t step = one_by_one ? 1 : std::max<std::int64_t>(extent.batch, 1);
  std::vector<Detections> detections;
  for (std::int64_t first = 0; first < extent.batch; first += step) {
    const Extent part{step, extent.channels, extent.height, extent.width};
    const Tensor x = prepare(slice(all, first, step), input, preparation);
    if (raw_) {
      detections.push_back(run_raw(session_, *raw_, x));
    } else if (form == Form::kUnknown) {
      append_each(session_.run({x}), part, file, detections);
    } else {
      append_detections(session_.run({x}), contract_.outputs, part, file, detections);
    }
  }
  return detections;
}

}  // namespace tv2onnx
