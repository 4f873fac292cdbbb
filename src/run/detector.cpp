#include "tv2onnx/detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "contract/class_output.h"
#include "contract/image_input.h"
#include "onnx/model.h"
#include "run/graph_contract.h"
#include "run/open_session.h"
#include "run/outputs.h"
#include "run/prepare.h"
#include "run/raw_image.h"
#include "run/raw_model.h"
#include "run/raw_selection.h"
#include "run/refusals.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Form = DetectionOutputs::Form;

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
  const View view(model);
  const std::optional<ImageInput> input = find_image_input(view);
  Contract contract = read_contract({session.metadata(), session.inputs(), session.outputs()},
                                    input ? &*input : nullptr);
  const bool unknown = contract.task == Task::kClassification && !contract.answer.mode;
  if (unknown) contract.answer.mode = find_class_output(view);
  return contract;
}

Detector::Detector(const std::filesystem::path& model, const SessionOptions& options)
    : session_(open_session(model, options)), contract_(read_contract(session_)) {
  if (contract_.known() && !contract_.metadata.input) {
    OnnxModel graph = read_onnx_model(model);
    contract_ = read_contract(session_, graph);
  }
  require_task(session_, contract_, Task::kDetection);
  if (!contract_.known()) refuse_unknown(session_, contract_);
  if (contract_.outputs.form == Form::kRaw) {
    raw_ = std::make_shared<RawModel>(raw_model(session_, contract_));
  }
}

Detector::Detector(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  require_task(session_, contract_, Task::kDetection);
  const std::size_t rank = contract_.input.port.shape.size();
  const bool image = rank == 3 || rank == 4;
  if (contract_.input.layout == Layout::kUnknown || !image) refuse_unknown(session_, contract_);
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
    const Tensor x = prepare(images_from(all, first, step), input, preparation);
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
