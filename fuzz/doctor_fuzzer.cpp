// ONNX files in the doctor: the complete reader, all rules and all repairs.

#include "doctor/rule.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    tv2onnx::OnnxModel model = tv2onnx::parse_onnx_model(tv2onnx::bytes_of(data, size));
    tv2onnx::doctor::examine(model, "fuzzed");
    for (const tv2onnx::doctor::Rule& rule : tv2onnx::doctor::rules()) {
      if (rule.repair == nullptr) continue;
      tv2onnx::doctor::RuleContext context(model);
      rule.repair(context);
    }
  } catch (const tv2onnx::Error&) {
    // refused, with a reason: as it should be
  }
  return 0;
}
