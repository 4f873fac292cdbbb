// What Triton's configuration says of a model, in protobuf's text form.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "serve/protocol.h"
#include "serve/triton.h"

namespace tv2onnx::serve {
namespace {

/// Text as protobuf's text form has it.
std::string text_literal(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\') {
      result += fmt::format("\\{:03o}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

/// "TYPE_FP32"; BOOL and BF16 are called so, too.
std::string type_of(DType dtype) {
  return fmt::format("TYPE_{}", protocol_name(dtype));
}

std::string dims_text(std::span<const std::int64_t> dims) {
  return fmt::format("[ {} ]", fmt::join(dims, ", "));
}

/// What tv2onnx wrote keeps the images of a batch apart; of other files nobody knows.
bool batches(const Runner& runner) {
  const Session& session = session_of(runner);
  if (contract_of(runner).metadata.version.empty()) return false;
  const PortInfo& first = session.inputs().front();
  const auto begins_with_batch = [&](const PortInfo& port) {
    return !port.shape.empty() && port.shape[0] < 0 && !first.symbols.empty() &&
           !port.symbols.empty() && port.symbols[0] == first.symbols[0];
  };
  return std::ranges::all_of(session.inputs(), begins_with_batch) &&
         std::ranges::all_of(session.outputs(), begins_with_batch);
}

/// Triton has no dimension for the batch, and wants another one in any case.
std::string port_text(const PortInfo& port, bool batched, std::string_view more = "") {
  const std::span<const std::int64_t> all(port.shape);
  const auto dims = batched ? all.subspan(1) : all;
  const std::string shape =
      dims.empty() ? "dims: [ 1 ]\n    reshape { shape: [ ] }" : "dims: " + dims_text(dims);
  return fmt::format("  {{\n    name: {}\n    data_type: {}\n    {}\n{}  }}",
                     text_literal(port.name), type_of(port.dtype), shape, more);
}

/// The output whose places are classes: Triton's own classification names them.
std::string label_line(const Contract& contract, std::size_t output) {
  const auto mode = contract.answer.mode;
  const bool scores = contract.task == Task::kClassification || contract.task == Task::kVideo;
  const bool all = mode == OutputMode::kLogits || mode == OutputMode::kProbabilities;
  if (!scores || !all || output != contract.answer.answer || contract.class_names.empty())
    return "";
  return "    label_filename: \"labels.txt\"\n";
}

/// The same of an ensemble, where the batch is a dimension like the others.
std::string whole_port_text(const PortInfo& port, bool batched) {
  Shape dims = port.shape;
  if (batched && dims.size() == 1) dims.push_back(1);
  return fmt::format("  {{\n    name: {}\n    data_type: {}\n    dims: {}\n  }}",
                     text_literal(port.name), type_of(port.dtype), dims_text(dims));
}

std::string mapping(std::string_view kind, std::string_view inner, std::string_view outer) {
  return fmt::format("      {} {{ key: {} value: {} }}\n", kind, text_literal(inner),
                     text_literal(outer));
}

}  // namespace

std::string triton_config(const std::string& name, const Runner& runner,
                          const TritonOptions& options) {
  const Session& session = session_of(runner);
  const bool batched = batches(runner);
  std::vector<std::string> inputs;
  for (const PortInfo& port : session.inputs()) inputs.push_back(port_text(port, batched));
  std::vector<std::string> outputs;
  for (std::size_t k = 0; k < session.outputs().size(); ++k) {
    outputs.push_back(port_text(session.outputs()[k], batched, label_line(contract_of(runner), k)));
  }
  const std::string batching =
      batched ? fmt::format("dynamic_batching {{ max_queue_delay_microseconds: {} }}\n",
                            options.wait_us)
              : "";
  return fmt::format(
      "name: {}\nplatform: \"onnxruntime_onnx\"\nmax_batch_size: {}\n"
      "input [\n{}\n]\noutput [\n{}\n]\n{}",
      text_literal(name), batched ? options.max_batch : 0, fmt::join(inputs, ",\n"),
      fmt::join(outputs, ",\n"), batching);
}

bool takes_whole_images(const Runner& runner) {
  const Contract& contract = contract_of(runner);
  const ImageInput& input = contract.input;
  const bool detector = contract.task == Task::kDetection;
  const bool photos =
      contract.task == Task::kClassification || contract.task == Task::kSegmentation;
  const bool prepared = detector ? contract.outputs.form != DetectionOutputs::Form::kRaw
                                 : photos && contract.preprocess == Preprocess::kFull;
  const bool range = input.range == PixelRange::kUnit || input.range == PixelRange::kByte ||
                     input.range == PixelRange::kUnitOrByte;
  return prepared && range && input.channels() == 3 && input.port.shape.size() == 4 &&
         !contract.only_size() && (input.bytes() || input.port.dtype == DType::kFloat32);
}

std::string triton_decode_config(const std::string& name, const Runner& runner) {
  const PortInfo& port = contract_of(runner).input.port;
  return fmt::format(
      "name: {}\nbackend: \"python\"\nmax_batch_size: 0\ninput [\n  {{\n    name: \"image\"\n"
      "    data_type: TYPE_STRING\n    dims: [ 1 ]\n  }}\n]\noutput [\n{}\n]\n"
      "instance_group [ {{ kind: KIND_CPU }} ]\n",
      text_literal(name + "_decode"), port_text(port, false));
}

std::string triton_decode_script(const Runner& runner) {
  const ImageInput& input = contract_of(runner).input;
  std::string steps;
  if (input.order == ChannelOrder::kBgr) steps += "            pixels = pixels[:, :, ::-1]\n";
  if (input.layout == Layout::kPlanes) steps += "            pixels = pixels.transpose(2, 0, 1)\n";
  if (!input.bytes()) steps += "            pixels = pixels.astype(np.float32)\n";
  const bool unit = input.range == PixelRange::kUnit || input.range == PixelRange::kUnitOrByte;
  if (!input.bytes() && unit) steps += "            pixels = pixels / np.float32(255)\n";
  return fmt::format(
      R"(# One encoded image as the model takes it. Needs numpy and Pillow.
import io

import numpy as np
import triton_python_backend_utils as pb_utils
from PIL import Image, ImageOps


class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            encoded = pb_utils.get_input_tensor_by_name(request, "image").as_numpy().reshape(-1)[0]
            photo = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded))).convert("RGB")
            pixels = np.asarray(photo)
{}            tensor = pb_utils.Tensor({}, np.ascontiguousarray(pixels[None]))
            responses.append(pb_utils.InferenceResponse([tensor]))
        return responses
)",
      steps, text_literal(input.port.name));
}

std::string triton_ensemble(const std::string& name, const Runner& runner) {
  const Session& session = session_of(runner);
  const std::string& input = contract_of(runner).input.port.name;
  std::vector<std::string> outputs;
  std::string maps = mapping("input_map", input, "decoded");
  for (const PortInfo& port : session.outputs()) {
    outputs.push_back(whole_port_text(port, batches(runner)));
    maps += mapping("output_map", port.name, port.name);
  }
  return fmt::format(
      "name: {}\nplatform: \"ensemble\"\nmax_batch_size: 0\ninput [\n  {{\n    name: \"image\"\n"
      "    data_type: TYPE_STRING\n    dims: [ 1 ]\n  }}\n]\noutput [\n{}\n]\n"
      "ensemble_scheduling {{\n  step [\n    {{\n      model_name: {}\n      model_version: -1\n"
      "{}{}    }},\n    {{\n      model_name: {}\n      model_version: -1\n{}    }}\n  ]\n}}\n",
      text_literal(name + "_images"), fmt::join(outputs, ",\n"), text_literal(name + "_decode"),
      mapping("input_map", "image", "image"), mapping("output_map", input, "decoded"),
      text_literal(name), maps);
}

}  // namespace tv2onnx::serve
