#pragma once
// Writing small safetensors files, good and bad ones.

#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/files.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx::testing {

using Arrays = std::vector<std::pair<std::string, Tensor>>;

inline std::string safetensors_name(DType dtype) {
  switch (dtype) {
    case DType::kFloat32: return "F32";
    case DType::kFloat64: return "F64";
    case DType::kInt64: return "I64";
    case DType::kInt32: return "I32";
    default: return "U8";
  }
}

inline void write_safetensors(const std::filesystem::path& path, const Arrays& arrays,
                              const std::map<std::string, std::string>& metadata = {}) {
  nlohmann::ordered_json header;
  header["__metadata__"] = metadata;
  std::string data;
  for (const auto& [name, tensor] : arrays) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.data), tensor.byte_size());
    header[name] = {{"dtype", safetensors_name(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  std::string length(8, '\0');
  const std::uint64_t size = text.size();
  std::memcpy(length.data(), &size, sizeof size);
  write_file(path, length + text + data);
}

/// A case of one image without detections.
inline Arrays empty_case(const std::string& name) {
  return {{name + "/input", make_tensor({1, 4, 5, 3}, std::vector<std::uint8_t>(60))},
          {name + "/0/boxes", make_tensor({0, 4}, std::vector<float>())},
          {name + "/0/labels", make_tensor({0}, std::vector<std::int64_t>())},
          {name + "/0/scores", make_tensor({0}, std::vector<float>())}};
}

}  // namespace tv2onnx::testing
