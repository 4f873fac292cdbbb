// JSON: as a configuration of every model that has the setting, as the metadata of a file.

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "fuzz.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/zoo.h"

namespace {

using tv2onnx::Setting;

void configure(const Setting& settings) {
  if (settings.dict() == nullptr) return;
  for (const tv2onnx::Model& model : tv2onnx::models()) {
    tv2onnx::Config config(model.options);
    for (const auto& [name, value] : *settings.dict()) {
      if (!config.has(name)) continue;
      tv2onnx::may_refuse([&] { config.set(name, value, "fuzzed"); });
    }
    config.all();
  }
}

void read_as_metadata(const std::string& text) {
  std::map<std::string, std::string> metadata{{"tv2onnx.version", text},
                                              {"tv2onnx.outputs", "batched"}};
  for (const char* key :
       {"config", "class_names", "assumed_torchvision", "image_mean", "image_std", "raw"}) {
    metadata["tv2onnx." + std::string(key)] = text;
  }
  const std::vector<tv2onnx::PortInfo> inputs{
      {"image", tv2onnx::DType::kFloat32, {1, 3, 8, 8}, {}}};
  tv2onnx::read_contract({metadata, inputs, {}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_as_metadata(text);
  tv2onnx::may_refuse([&] {
    const Setting settings = tv2onnx::parse_json(text);
    const std::string written = tv2onnx::to_json(settings);
    if (tv2onnx::to_json(tv2onnx::parse_json(written)) != written) std::abort();
    configure(settings);
  });
  return 0;
}
