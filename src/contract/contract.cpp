#include "tv2onnx/contract.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/doubt.h"
#include "contract/image_input.h"
#include "contract/outputs.h"
#include "contract/stated_answer.h"

namespace tv2onnx {
namespace {

using Form = DetectionOutputs::Form;

constexpr std::int64_t kColours = 3;

/// The place of the channels of an image; nullopt if they are none. Files without metadata must be
/// for RGB images, as nothing says what other channels mean.
std::optional<Layout> layout_of(const PortInfo& port, bool any_channels) {
  const std::size_t rank = port.shape.size();
  const bool numbers =
      port.dtype == DType::kFloat32 || port.dtype == DType::kFloat16 || port.dtype == DType::kUInt8;
  if ((rank != 3 && rank != 4) || !numbers) return std::nullopt;
  const auto colours = [&](std::size_t axis) {
    const std::int64_t length = port.shape[axis];
    return length < 0 || length == kColours || (any_channels && length > 0);
  };
  const bool bytes = port.dtype == DType::kUInt8;
  const Layout usual = bytes ? Layout::kPixels : Layout::kPlanes;
  if (colours(bytes ? rank - 1 : rank - 3)) return usual;
  if (port.shape[bytes ? rank - 3 : rank - 1] != kColours) return std::nullopt;
  return bytes ? Layout::kPlanes : Layout::kPixels;
}

/// [batch, channels, time, height, width], as tv2onnx export writes it.
std::optional<Layout> clip_layout(const PortInfo& port) {
  constexpr std::size_t kRank = 5;
  if (port.shape.size() != kRank || !is_floating(port.dtype)) return std::nullopt;
  return Layout::kFrames;
}

void check_pair(const std::vector<PortInfo>& inputs, Contract& contract) {
  const bool named = inputs[0].name == "image1" && inputs[1].name == "image2";
  if (named && inputs[0].dtype == inputs[1].dtype && inputs[0].shape == inputs[1].shape) return;
  doubt(contract, "the metadata promise two images of one kind, image1 and image2", kEdited);
}

void read_input(const FilePorts& file, bool any_channels, Contract& contract) {
  const bool pair = contract.task == Task::kFlow;
  if (file.inputs.size() != (pair ? 2 : 1)) {
    return doubt(contract, fmt::format("a model with {} inputs", file.inputs.size()), "");
  }
  if (pair) check_pair(file.inputs, contract);
  ImageInput& input = contract.input;
  input.port = file.inputs[0];
  const auto layout =
      contract.task == Task::kVideo ? clip_layout(input.port) : layout_of(input.port, any_channels);
  if (!layout) {
    return doubt(contract,
                 fmt::format("input '{}' is not an RGB image", printable(input.port.name)), "");
  }
  input.layout = *layout;
  if (input.bytes()) input.range = PixelRange::kByte;
}

/// One for all channels, or one for each, and nothing is divided by 0.
bool is_normalisation(const FileMetadata& file, std::int64_t channels) {
  const auto fits = [channels](const std::vector<double>& values) {
    return values.size() == 1 || static_cast<std::int64_t>(values.size()) == channels;
  };
  return fits(file.mean) && fits(file.deviation) &&
         std::ranges::none_of(file.deviation, [](double value) { return value == 0; });
}

void check_stated_normalisation(Contract& contract) {
  const FileMetadata& file = contract.metadata;
  if (file.input != InputMode::kNormalized) return;
  if (is_normalisation(file, contract.input.channels())) return;
  doubt(contract, "the metadata promise images that were normalised, and not by what", kEdited);
}

void check_stated_input(Contract& contract) {
  const auto& stated = contract.metadata.input;
  if (!stated || contract.input.bytes() == (stated == InputMode::kUint8)) return;
  doubt(contract, fmt::format("the metadata promises input '{}'", mode_name(kInputModes, *stated)),
        kEdited);
}

void read_stated_outputs(const FilePorts& file, Contract& contract) {
  DetectionOutputs& outputs = contract.outputs;
  const auto named = [&](std::string_view name) { return promised_output(file, name, contract); };
  const OutputMode mode = *contract.metadata.outputs;
  outputs.form = mode == OutputMode::kRaw    ? Form::kRaw
                 : mode == OutputMode::kFlat ? Form::kFlat
                                             : Form::kBatched;
  if (outputs.form == Form::kRaw) return;
  outputs.boxes = named("boxes");
  outputs.labels = named("labels");
  outputs.scores = named("scores");
  if (outputs.form == Form::kFlat) outputs.batch_index = named("batch_index");
  if (outputs.form == Form::kBatched) outputs.num_detections = named("num_detections");
  outputs.masks = port_index(file.outputs, "masks");
  if (outputs.masks && contract.metadata.masks) {
    outputs.masks_pasted = contract.metadata.masks == MaskOutput::kFull;
  }
  outputs.keypoints = port_index(file.outputs, "keypoints");
  if (outputs.keypoints) outputs.keypoints_scores = named("keypoints_scores");
}

PixelRange range_of(InputMode mode) {
  switch (mode) {
    case InputMode::kUint8: return PixelRange::kByte;
    case InputMode::kAuto: return PixelRange::kUnitOrByte;
    case InputMode::kNormalized: return PixelRange::kNormalised;
    case InputMode::kFloat: break;
  }
  return PixelRange::kUnit;
}

void read_outputs(const FilePorts& file, Contract& contract) {
  FoundOutputs found = find_outputs(file.outputs);
  contract.outputs = found.outputs;
  if (!found.doubt.empty()) {
    doubt(contract, std::move(found.doubt), std::move(found.remedy));
  } else if (contract.input.layout != Layout::kUnknown && contract.input.batch() > 1 &&
             found.outputs.form == Form::kFlat && !found.outputs.batch_index) {
    doubt(contract,
          fmt::format("the file takes {} images at once and does not say which image a "
                      "detection belongs to",
                      contract.input.batch()),
          kReexport);
    contract.outputs = {};
  }
}

/// As the metadata says; one list of numbers per image is what classifiers give.
Task task_of(const FilePorts& file, const FileMetadata& metadata) {
  if (metadata.task) return *metadata.task;
  const bool one = !metadata.outputs && file.inputs.size() == 1 && file.outputs.size() == 1;
  if (!one) return Task::kDetection;
  const PortInfo& output = file.outputs[0];
  const bool scores = is_floating(output.dtype) && output.shape.size() == 2 &&
                      layout_of(file.inputs[0], /*any_channels=*/false).has_value();
  return scores ? Task::kClassification : Task::kDetection;
}

}  // namespace

bool read_stated_input(const FileMetadata& metadata, ImageInput& input) {
  if (!metadata.input) return false;
  input.range = range_of(*metadata.input);
  input.order = metadata.order == ChannelOrder::kBgr ? ChannelOrder::kBgr : ChannelOrder::kRgb;
  input.normalises = input.range != PixelRange::kNormalised;
  if (!input.normalises && !metadata.mean.empty()) {
    input.mean = metadata.mean;
    input.deviation = metadata.deviation;
  }
  input.evidence = {"metadata of tv2onnx"};
  return true;
}

std::int64_t ImageInput::batch() const {
  return port.shape.size() > 3 ? port.shape[0] : 1;
}

std::int64_t ImageInput::frames() const {
  return layout == Layout::kFrames ? port.shape[port.shape.size() - 3] : 1;
}

std::int64_t ImageInput::channels() const {
  const std::size_t rank = port.shape.size();
  const std::size_t behind = layout == Layout::kPixels ? 1 : layout == Layout::kPlanes ? 3 : 4;
  const std::int64_t stated = port.shape[rank - behind];
  return stated < 0 ? kColours : stated;
}

ImageSize ImageInput::size() const {
  const std::size_t first = port.shape.size() - (layout == Layout::kPixels ? 3 : 2);
  return {port.shape[first], port.shape[first + 1]};
}

std::optional<ImageSize> ImageInput::only_size() const {
  if (layout == Layout::kUnknown) return std::nullopt;
  const ImageSize only = size();
  return only[0] > 0 && only[1] > 0 ? std::optional(only) : std::nullopt;
}

std::optional<ImageSize> Contract::only_size() const {
  return outputs.form == Form::kRaw ? std::nullopt : input.only_size();
}

Contract read_contract(const FilePorts& file, const ImageInput* graph_input) {
  Contract contract;
  contract.metadata = read_metadata(file.metadata);
  contract.task = task_of(file, contract.metadata);
  const bool ours = contract.metadata.outputs.has_value();
  contract.architecture = contract.metadata.architecture;
  contract.class_names = contract.metadata.class_names;
  contract.origin = ours ? "metadata of tv2onnx " + printable(contract.metadata.version, 30)
                         : "types and shapes of inputs and outputs";
  read_input(file, ours, contract);
  const bool image = contract.input.layout != Layout::kUnknown;
  if (image) check_stated_input(contract);
  if (image) check_stated_normalisation(contract);
  if (image && !read_stated_input(contract.metadata, contract.input) && graph_input != nullptr) {
    contract.input = *graph_input;
    contract.input.port = file.inputs[0];
  }
  const std::vector<std::int64_t>& smallest = contract.metadata.smallest;
  if (smallest.size() >= 2) contract.input.smallest = {*(smallest.end() - 2), smallest.back()};
  if (!contract.metadata.damage.empty()) {
    doubt(contract, "damaged metadata, " + contract.metadata.damage, kEdited);
  }
  if (contract.task != Task::kDetection) {
    if (ours) read_stated_answer(file, contract);
  } else if (ours) {
    read_stated_outputs(file, contract);
  } else {
    read_outputs(file, contract);
  }
  return contract;
}

}  // namespace tv2onnx
