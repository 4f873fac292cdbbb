// POST /v2/models/NAME/infer: the file's own inputs in, its outputs out.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "base/text.h"
#include "run/answer_file.h"
#include "serve/answers.h"
#include "serve/refuse.h"
#include "tv2onnx/image.h"

namespace tv2onnx::serve {
namespace {

using Clock = std::chrono::steady_clock;

std::string port_text(const PortInfo& port) {
  return fmt::format("input '{}'", printable(port.name));
}

/// Encoded images are taken where the file takes images.
bool takes_images(const Contract& contract, const PortInfo& port) {
  return contract.task == Task::kFlow || contract.input.port.name == port.name;
}

/// Images of one size behind each other.
Tensor decoded(const std::vector<std::string>& pieces, const PortInfo& port,
               const AnswerLimits& limits) {
  if (pieces.empty()) refuse("no image", "one encoded image at least", port_text(port));
  std::vector<std::uint8_t> pixels;
  Shape shape;
  for (const std::string& piece : pieces) {
    const std::span<const char> file(piece);
    const Tensor image = decode_image(std::as_bytes(file), {.max_pixels = limits.max_pixels});
    if (shape.empty()) shape = image.shape;
    if (image.shape != shape) {
      refuse(fmt::format("images of {}x{} and of {}x{}", shape[1], shape[2], image.shape[1],
                         image.shape[2]),
             "images of one height and width, or a request for each", port_text(port));
    }
    const std::span<const std::uint8_t> more = image.as<std::uint8_t>();
    if (std::cmp_greater((pixels.size() + more.size()) / 3, limits.max_pixels)) {
      throw Error({.code = "I003",
                   .found = fmt::format("{} images with too many pixels together", pieces.size()),
                   .expected = fmt::format("at most {} pixels", limits.max_pixels)});
    }
    pixels.insert(pixels.end(), more.begin(), more.end());
  }
  shape[0] = static_cast<std::int64_t>(pieces.size());
  return make_tensor(shape, std::move(pixels));
}

void require_port(const Tensor& tensor, const PortInfo& port) {
  if (tensor.dtype != port.dtype) {
    refuse(fmt::format("data of {}", protocol_name(tensor.dtype)),
           std::string(protocol_name(port.dtype)), port_text(port));
  }
  const bool fits = std::ranges::equal(
      tensor.shape, port.shape,
      [](std::int64_t is, std::int64_t be) { return is > 0 && (be < 0 || is == be); });
  if (!fits) {
    refuse(fmt::format("the shape {}", shape_text(tensor.shape)),
           fmt::format("{} with positive numbers for -1", shape_text(port.shape)), port_text(port));
  }
}

/// Pixels that no image has: the answer to them would look like one.
void require_pixels(const Tensor& tensor, const ImageInput& input) {
  constexpr float kBeyond = 0.5F;  // what resizing with overshoot may leave outside of 0..1
  if (!is_floating(tensor.dtype)) return;
  const bool unit = input.range == PixelRange::kUnit;
  for (const float value : to_float(tensor)) {
    if (!std::isfinite(value)) {
      refuse(fmt::format("the number {}", value), "finite numbers", port_text(input.port));
    }
    if (unit && (value < -kBeyond || value > 1 + kBeyond)) {
      refuse(fmt::format("the number {}", value), "pixels of 0..1, not normalised",
             port_text(input.port));
    }
  }
}

void require_large_enough(const Tensor& tensor, const ImageInput& input) {
  const std::size_t rank = tensor.shape.size();
  const bool pixels = input.layout == Layout::kPixels;
  if (rank < 3) return;
  const std::size_t last = pixels ? rank - 1 : rank;
  const ImageSize size{tensor.shape[last - 2], tensor.shape[last - 1]};
  if (size[0] >= input.smallest[0] && size[1] >= input.smallest[1]) return;
  refuse(fmt::format("an image of {}x{}", size[0], size[1]),
         fmt::format("height and width of at least {}x{}", input.smallest[0], input.smallest[1]),
         port_text(input.port));
}

Tensor tensor_for(const InferInput& given, const PortInfo& port, const ServedModel& model,
                  const AnswerLimits& limits) {
  const Contract& contract = contract_of(model.runner());
  const bool image = takes_images(contract, port);
  if (given.bytes) {
    if (!image) refuse("encoded images", "numbers", port_text(port));
    return session_input(model.runner(), decoded(given.pieces, port, limits));
  }
  require_port(given.tensor, port);
  if (image) {
    require_pixels(given.tensor, contract.input);
    require_large_enough(given.tensor, contract.input);
  }
  return given.tensor;
}

template <typename Named>
std::string names_of(const std::vector<Named>& items) {
  std::vector<std::string> names;
  for (const Named& item : items) names.push_back(printable(item.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// In the order of the file's inputs.
std::vector<Tensor> inputs_for(const InferRequest& request, const ServedModel& model,
                               const AnswerLimits& limits) {
  const std::vector<PortInfo>& ports = session_of(model.runner()).inputs();
  if (request.inputs.size() != ports.size()) {
    refuse("the inputs " + names_of(request.inputs), names_of(ports));
  }
  std::vector<Tensor> tensors;
  for (const PortInfo& port : ports) {
    const auto given = std::ranges::find(request.inputs, port.name, &InferInput::name);
    if (given == request.inputs.end()) {
      refuse("the inputs " + names_of(request.inputs), names_of(ports));
    }
    tensors.push_back(tensor_for(*given, port, model, limits));
  }
  return tensors;
}

/// Numbers of the outputs that are wanted, in the order of the request.
std::vector<std::size_t> outputs_for(const InferRequest& request,
                                     const std::vector<PortInfo>& ports) {
  std::vector<std::size_t> numbers;
  for (const WantedOutput& wanted : request.outputs) {
    const auto port = std::ranges::find(ports, wanted.name, &PortInfo::name);
    if (port == ports.end()) {
      refuse(fmt::format("the output '{}'", printable(wanted.name)), names_of(ports));
    }
    numbers.push_back(static_cast<std::size_t>(port - ports.begin()));
  }
  for (std::size_t k = 0; request.outputs.empty() && k < ports.size(); ++k) numbers.push_back(k);
  return numbers;
}

std::optional<std::size_t> json_length_of(const HttpRequest& request) {
  const std::string_view text = request.header("Inference-Header-Content-Length");
  if (text.empty()) return {};
  std::size_t length = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (problem != std::errc() || end != text.data() + text.size()) {
    refuse("Inference-Header-Content-Length " + printable(text), "a number of bytes");
  }
  return length;
}

HttpResponse response_of(InferAnswer answer) {
  HttpResponse response{.body = std::move(answer.body)};
  if (answer.json_length) {
    response.type = "application/octet-stream";
    response.headers.emplace_back("Inference-Header-Content-Length",
                                  std::to_string(*answer.json_length));
  }
  return response;
}

}  // namespace

HttpResponse infer(ServedModel& model, const HttpRequest& http, const AnswerLimits& limits) {
  ModelCounts& counts = model.counts();
  const Session& session = session_of(model.runner());
  auto start = Clock::now();
  const InferRequest request = parse_infer(http.body, json_length_of(http));
  const std::vector<std::size_t> numbers = outputs_for(request, session.outputs());
  const std::vector<Tensor> inputs = inputs_for(request, model, limits);
  counts.input_us += microseconds(Clock::now() - start);
  const Finished finished = model.batcher().call([&] { return run_guarded(session, inputs); });
  count_run(counts, finished.times);
  start = Clock::now();
  const auto& results = std::get<std::vector<Tensor>>(finished.found);
  std::vector<NamedTensor> outputs;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const bool binary =
        request.outputs.empty() ? request.binary_outputs : request.outputs[k].binary;
    outputs.push_back({session.outputs()[numbers[k]].name, results[numbers[k]], binary});
  }
  HttpResponse response = response_of(write_infer(model.name(), request.id, outputs));
  counts.output_us += microseconds(Clock::now() - start);
  return response;
}

}  // namespace tv2onnx::serve
