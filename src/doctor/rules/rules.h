#pragma once
// The rules, one file each.

#include "doctor/rule.h"

namespace tv2onnx::doctor {

Rule zero_proposals_traced();      // D01
Rule zero_proposals_at_runtime();  // D02
Rule input_contract();             // D11
Rule settings();                   // D12

}  // namespace tv2onnx::doctor
