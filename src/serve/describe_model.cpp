#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "serve/answers.h"

namespace tv2onnx::serve {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered ports_json(const std::vector<PortInfo>& ports) {
  Ordered json = Ordered::array();
  for (const PortInfo& port : ports) {
    json.push_back(
        {{"name", port.name}, {"datatype", protocol_name(port.dtype)}, {"shape", port.shape}});
  }
  return json;
}

Ordered contract_json(const Contract& contract) {
  Ordered json{{"task", task_name(contract.task)},
               {"architecture", contract.architecture},
               {"origin", contract.origin},
               {"image_input", contract.input.port.name},
               {"input", text_of(contract.input)}};
  if (contract.photo) {
    json["preparation"] = preparation_text(*contract.photo, contract.preprocess);
  }
  return json;
}

}  // namespace

std::string model_metadata(const ServedModel& model) {
  const Session& session = session_of(model.runner());
  const Contract& contract = contract_of(model.runner());
  return json_line({{"name", model.name()},
                    {"versions", {"1"}},
                    {"platform", "onnxruntime_onnx"},
                    {"inputs", ports_json(session.inputs())},
                    {"outputs", ports_json(session.outputs())},
                    {"contract", contract_json(contract)},
                    {"class_names", contract.class_names}}) +
         "\n";
}

}  // namespace tv2onnx::serve
