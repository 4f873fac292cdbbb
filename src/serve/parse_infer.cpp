#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "serve/infer_data.h"
#include "serve/infer_json.h"
#include "serve/protocol.h"
#include "serve/refuse.h"

namespace tv2onnx::serve {
namespace {

using Json = nlohmann::json;

std::string input_text(const std::string& name) {
  return fmt::format("input '{}'", printable(name));
}

/// A member that must be text; "" where it may be absent and is.
std::string text_member(const Json& json, const char* key, bool required) {
  const auto found = json.find(key);
  if (found == json.end() && !required) return "";
  if (found == json.end() || !found->is_string()) {
    refuse(fmt::format("no text for \"{}\"", key), "a JSON string");
  }
  return found->get<std::string>();
}

Shape shape_of(const Json& json, const std::string& name) {
  constexpr std::size_t kMaxRank = 8;
  const auto found = json.find("shape");
  const bool list = found != json.end() && found->is_array() && found->size() <= kMaxRank;
  if (!list) refuse("no shape", "\"shape\": a list of whole numbers", input_text(name));
  Shape shape;
  std::int64_t count = 1;
  for (const Json& side : *found) {
    const bool good = side.is_number_unsigned() &&
                      side.get<std::uint64_t>() <= std::numeric_limits<std::int32_t>::max();
    if (!good) refuse("a side that is no whole number from 0 on", "", input_text(name));
    shape.push_back(side.get<std::int64_t>());
    if (__builtin_mul_overflow(count, shape.back(), &count)) {
      refuse("a shape with too many elements", "", input_text(name));
    }
  }
  return shape;
}

/// The parameters of a request, an input or an output. What is not known might change the answer,
/// so it is refused.
Json parameters_of(const Json& json, std::initializer_list<std::string_view> known) {
  const auto found = json.find("parameters");
  if (found == json.end()) return Json::object();
  if (!found->is_object()) refuse("\"parameters\" that are no JSON object");
  for (const auto& [name, value] : found->items()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    refuse(fmt::format("the parameter '{}'", printable(name)),
           fmt::format("{}", fmt::join(known, ", ")));
  }
  return *found;
}

bool flag(const Json& parameters, const char* name, bool standard) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return standard;
  if (!found->is_boolean()) refuse(fmt::format("'{}' that is neither true nor false", name));
  return found->get<bool>();
}

/// Takes the binary data of inputs from the bytes behind the JSON, in their order.
class BinaryData {
 public:
  explicit BinaryData(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(const Json& size, const std::string& name) {
    const bool fits = size.is_number_unsigned() && size.get<std::uint64_t>() <= rest_.size();
    if (!fits) {
      refuse(fmt::format("binary_data_size {}", printable(size.dump(), 40)),
             fmt::format("at most the {} bytes that are left behind the JSON", rest_.size()), name);
    }
    const std::string_view taken = rest_.substr(0, size.get<std::size_t>());
    rest_.remove_prefix(taken.size());
    return taken;
  }
  void require_end() const {
    if (rest_.empty()) return;
    refuse(fmt::format("{} bytes behind the JSON that no input has", rest_.size()),
           "binary_data_size of each input, and Inference-Header-Content-Length");
  }

 private:
  std::string_view rest_;
};

void take_binary(InferInput& input, std::optional<DType> dtype, const Shape& shape,
                 std::string_view bytes) {
  const std::string name = input_text(input.name);
  if (input.bytes) {
    input.pieces = pieces_from_bytes(shape, bytes, name);
  } else {
    input.tensor = tensor_from_bytes(*dtype, shape, bytes, name);
  }
}

InferInput read_input(const Json& json, const std::vector<double>& numbers, BinaryData& binary) {
  if (!json.is_object()) refuse("an input that is no JSON object");
  InferInput input{text_member(json, "name", true)};
  const std::string name = input_text(input.name);
  const std::string datatype = text_member(json, "datatype", true);
  const Shape shape = shape_of(json, input.name);
  const Json parameters = parameters_of(json, {"binary_data_size"});
  input.bytes = datatype == "BYTES";
  const std::optional<DType> dtype = protocol_type(datatype);
  if (!dtype && !input.bytes) {
    refuse(fmt::format("the data type '{}'", printable(datatype)), "FP32, UINT8, BYTES ...", name);
  }
  const bool is_binary = parameters.contains("binary_data_size");
  if (is_binary == json.contains("data")) {
    refuse(is_binary ? "data both in JSON and behind it" : "no data",
           "either \"data\" or the parameter binary_data_size", name);
  }
  if (is_binary) {
    take_binary(input, dtype, shape, binary.take(parameters["binary_data_size"], name));
    return input;
  }
  if (input.bytes || !json["data"].is_array()) {
    refuse(input.bytes ? "BYTES in JSON" : "data that are no list",
           input.bytes ? "encoded images as binary data" : "a list of numbers", name);
  }
  input.tensor = tensor_from_numbers(*dtype, shape, numbers, name);
  return input;
}

const Json& list_member(const Json& json, const char* key) {
  static const Json kNone = Json::array();
  const auto found = json.find(key);
  if (found == json.end()) return kNone;
  if (!found->is_array()) refuse(fmt::format("\"{}\" that is no list", key));
  return *found;
}

}  // namespace

InferRequest parse_infer(std::string_view body, std::optional<std::size_t> json_length) {
  if (json_length && *json_length > body.size()) {
    refuse(fmt::format("Inference-Header-Content-Length {} of a body of {} bytes", *json_length,
                       body.size()));
  }
  const std::size_t length = json_length.value_or(body.size());
  std::vector<std::vector<double>> numbers;
  const Json json = parse_infer_json(body.substr(0, length), numbers);
  const Json parameters = parameters_of(json, {"binary_data_output"});
  InferRequest request;
  request.id = text_member(json, "id", false);
  request.binary_outputs = flag(parameters, "binary_data_output", false);
  const Json& inputs = list_member(json, "inputs");
  if (inputs.empty()) refuse("no inputs", "\"inputs\": a list");
  if (numbers.size() != inputs.size()) refuse("inputs that are no JSON objects, or come twice");
  BinaryData binary(body.substr(length));
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    request.inputs.push_back(read_input(inputs[k], numbers[k], binary));
  }
  binary.require_end();
  for (const Json& output : list_member(json, "outputs")) {
    if (!output.is_object()) refuse("an output that is no JSON object");
    const Json wanted = parameters_of(output, {"binary_data"});
    request.outputs.push_back(
        {text_member(output, "name", true), flag(wanted, "binary_data", request.binary_outputs)});
  }
  return request;
}

}  // namespace tv2onnx::serve
