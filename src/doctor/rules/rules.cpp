#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {

std::span<const Rule> rules() {
  static const std::vector<Rule> table{
      zero_proposals_traced(),
      zero_proposals_at_runtime(),
      input_contract(),
      settings(),
  };
  return table;
}

}  // namespace tv2onnx::doctor
