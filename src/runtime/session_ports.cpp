#include <fmt/format.h>

#include "base/text.h"
#include "runtime/session_state.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

std::string Session::State::take_text(char* text) const {
  OrtAllocator* allocator = nullptr;
  check(runtime.api->GetAllocatorWithDefaultOptions(&allocator), "R003", "no allocator");
  std::string copy = text == nullptr ? "" : text;
  if (text != nullptr) allocator->Free(allocator, text);
  return copy;
}

PortInfo Session::State::read_port(std::string name, const OrtTypeInfo* type,
                                   const char* kind) const {
  const OrtApi& api = *runtime.api;
  const std::string found = fmt::format("{} '{}' cannot be read", kind, printable(name));
  const OrtTensorTypeAndShapeInfo* info = nullptr;  // belongs to `type`; null if not a tensor
  check(api.CastTypeInfoToTensorInfo(type, &info), "R002", found);
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  if (info != nullptr) check(api.GetTensorElementType(info, &element), "R002", found);
  const std::optional<DType> dtype = our_type(element);
  if (!dtype) {
    throw Error({.code = "R005",
                 .found = fmt::format("{} '{}' is {}", kind, printable(name),
                                      info == nullptr ? "a sequence, map or optional, not a tensor"
                                                      : "a tensor of an unsupported element type"),
                 .where = {.file = file, .offset = {}, .item = {}},
                 .expected = "tensors of float, integer or bool"});
  }
  PortInfo port{std::move(name), *dtype, {}, {}};
  std::size_t rank = 0;
  check(api.GetDimensionsCount(info, &rank), "R002", found);
  port.shape.resize(rank);
  std::vector<const char*> symbols(rank, "");
  check(api.GetDimensions(info, port.shape.data(), rank), "R002", found);
  check(api.GetSymbolicDimensions(info, symbols.data(), rank), "R002", found);
  port.symbols.assign(symbols.begin(), symbols.end());
  return port;
}

void Session::State::read_ports() {
  const OrtApi& api = *runtime.api;
  OrtAllocator* allocator = nullptr;
  check(api.GetAllocatorWithDefaultOptions(&allocator), "R003", "no allocator");
  const auto read = [&](auto count_of, auto name_of, auto type_of, const char* kind) {
    std::vector<PortInfo> ports;
    std::size_t count = 0;
    check(count_of(session.get(), &count), "R002", "ports cannot be counted");
    for (std::size_t k = 0; k < count; ++k) {
      char* name = nullptr;
      check(name_of(session.get(), k, allocator, &name), "R002", "a port has no name");
      OrtTypeInfo* type = nullptr;
      check(type_of(session.get(), k, &type), "R002", "a port has no type");
      const Handle<OrtTypeInfo> owned(type, api.ReleaseTypeInfo);
      ports.push_back(read_port(take_text(name), type, kind));
    }
    return ports;
  };
  inputs =
      read(api.SessionGetInputCount, api.SessionGetInputName, api.SessionGetInputTypeInfo, "input");
  outputs = read(api.SessionGetOutputCount, api.SessionGetOutputName, api.SessionGetOutputTypeInfo,
                 "output");
}

void Session::State::read_metadata() {
  const OrtApi& api = *runtime.api;
  const char* found = "the metadata of the model cannot be read";
  OrtAllocator* allocator = nullptr;
  check(api.GetAllocatorWithDefaultOptions(&allocator), "R002", found);
  OrtModelMetadata* raw = nullptr;
  check(api.SessionGetModelMetadata(session.get(), &raw), "R002", found);
  const Handle<OrtModelMetadata> owned(raw, api.ReleaseModelMetadata);
  char* text = nullptr;
  check(api.ModelMetadataGetProducerName(raw, allocator, &text), "R002", found);
  producer = take_text(text);
  char** keys = nullptr;
  std::int64_t count = 0;
  check(api.ModelMetadataGetCustomMetadataMapKeys(raw, allocator, &keys, &count), "R002", found);
  std::vector<std::string> names;
  for (std::int64_t k = 0; k < count; ++k) names.push_back(take_text(keys[k]));
  if (keys != nullptr) allocator->Free(allocator, keys);
  for (const std::string& name : names) {
    check(api.ModelMetadataLookupCustomMetadataMap(raw, allocator, name.c_str(), &text), "R002",
          found);
    metadata[name] = take_text(text);
  }
}

}  // namespace tv2onnx
