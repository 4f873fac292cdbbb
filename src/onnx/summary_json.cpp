// What an ONNX file declares, as JSON.

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<OnnxValue>& values) {
  Json list = Json::array();
  for (const OnnxValue& value : values) {
    list.push_back({{"name", value.name}, {"type", value.type}, {"dims", value.dims}});
  }
  return list;
}

}  // namespace

std::string to_json(const OnnxSummary& summary, std::string_view file, bool initializers) {
  Json answer{{"kind", "onnx"},
              {"file", file},
              {"bytes", summary.file_size},
              {"ir_version", summary.ir_version},
              {"producer", summary.producer},
              {"opsets", summary.opsets},
              {"graph", summary.graph_name},
              {"inputs", json_of(summary.inputs)},
              {"outputs", json_of(summary.outputs)},
              {"initializers", summary.initializers.size()},
              {"operators", summary.operators},
              {"metadata", summary.metadata}};
  if (initializers) answer["initializer_list"] = json_of(summary.initializers);
  return json_text(answer) + "\n";
}

}  // namespace tv2onnx
