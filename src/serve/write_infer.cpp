#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/text.h"
#include "serve/protocol.h"
#include "tv2onnx/error.h"

namespace tv2onnx::serve {
namespace {

template <typename Number>
Number finite(Number number, const std::string& output) {
  if (std::isfinite(number)) return number;
  throw Error({.code = "R006",
               .found = fmt::format("the number {}, which JSON cannot express", number),
               .where = {.item = fmt::format("output '{}'", printable(output))},
               .expected = R"(binary output: "parameters": {"binary_data": true})"});
}

std::string numbers_text(const NamedTensor& output) {
  const Tensor& tensor = output.tensor;
  std::string text = "[";
  const auto add = [&](auto number) {
    if (text.size() > 1) text += ',';
    fmt::format_to(std::back_inserter(text), "{}", number);
  };
  if (!is_floating(tensor.dtype)) {
    for (const std::int64_t number : to_int64(tensor)) add(number);
  } else if (tensor.dtype == DType::kFloat64) {
    for (const double number : tensor.as<double>()) add(finite(number, output.name));
  } else {
    for (const float number : to_float(tensor)) add(finite(number, output.name));
  }
  return text + "]";
}

std::string output_text(const NamedTensor& output) {
  const Tensor& tensor = output.tensor;
  const std::string start =
      fmt::format(R"({{"name":{},"datatype":"{}","shape":[{}],)", json_line(output.name),
                  protocol_name(tensor.dtype), fmt::join(tensor.shape, ","));
  if (!output.binary) return fmt::format("{}\"data\":{}}}", start, numbers_text(output));
  return fmt::format(R"({}"parameters":{{"binary_data_size":{}}}}})", start, tensor.byte_size());
}

}  // namespace

InferAnswer write_infer(std::string_view model, const std::string& id,
                        std::span<const NamedTensor> outputs) {
  std::vector<std::string> texts;
  std::string tail;
  for (const NamedTensor& output : outputs) {
    texts.push_back(output_text(output));
    if (!output.binary) continue;
    const std::vector<std::byte> bytes = contiguous_bytes(output.tensor);
    tail.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  const std::string id_member = id.empty() ? "" : fmt::format("\"id\":{},", json_line(id));
  InferAnswer answer{fmt::format(R"({{"model_name":"{}","model_version":"1",{}"outputs":[{}]}})",
                                 model, id_member, fmt::join(texts, ","))};
  const bool binary = std::ranges::any_of(outputs, &NamedTensor::binary);
  if (binary) answer.json_length = answer.body.size();
  answer.body += tail;
  return answer;
}

}  // namespace tv2onnx::serve
