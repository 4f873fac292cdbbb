// ONNX files in the doctor: the complete reader, what inspect shows, all rules, --fix with what it
// would write, and --rebuild as far as it needs no runtime.

#include <vector>

#include "doctor/input_guard.h"
#include "doctor/rebuild/recover.h"
#include "doctor/rule.h"
#include "export/build_model.h"
#include "fuzz.h"
#include "onnx/write.h"

namespace {

using tv2onnx::OnnxModel;

void examine(OnnxModel& model) {
  tv2onnx::summarize(model);
  tv2onnx::doctor::reason_not_to_run(model);
  tv2onnx::to_json(tv2onnx::doctor::examine(model, "fuzzed", {}, "tensorrt"));
}

/// Every repair, also of what no rule calls repairable.
void repair_all(std::span<const std::byte> bytes) {
  OnnxModel model = tv2onnx::parse_onnx_model(bytes);
  for (const tv2onnx::doctor::Rule& rule : tv2onnx::doctor::rules()) {
    if (rule.repair == nullptr) continue;
    tv2onnx::doctor::RuleContext context(model);
    rule.repair(context);
  }
}

void fix(std::span<const std::byte> bytes, tv2onnx::InputMode input) {
  OnnxModel model = tv2onnx::parse_onnx_model(bytes);
  tv2onnx::doctor::repair(model, tv2onnx::doctor::examine(model, "fuzzed"));
  tv2onnx::doctor::add_input_guard(model, input);
  const std::vector<std::byte> written = tv2onnx::write_onnx(model, {});
  OnnxModel again = tv2onnx::parse_onnx_model(written);
  tv2onnx::doctor::examine(again, "fuzzed");
}

void rebuild(std::span<const std::byte> bytes) {
  OnnxModel model = tv2onnx::parse_onnx_model(bytes);
  tv2onnx::build_model(tv2onnx::doctor::recover(model), {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = tv2onnx::bytes_of(data, size);
  tv2onnx::may_refuse([&] {
    OnnxModel model = tv2onnx::parse_onnx_model(bytes);
    examine(model);
  });
  tv2onnx::may_refuse([&] { repair_all(bytes); });
  tv2onnx::may_refuse([&] { fix(bytes, tv2onnx::InputMode::kUint8); });
  tv2onnx::may_refuse([&] { rebuild(bytes); });
  return 0;
}
