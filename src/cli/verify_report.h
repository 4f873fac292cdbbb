#pragma once
// The report of tv2onnx verify as text.

#include <string>

#include "tv2onnx/verify.h"

namespace tv2onnx::cli {

/// Notes, a table with a row per image, what differs in detail, and last the verdict.
std::string verify_text(const VerifyReport& report);

}  // namespace tv2onnx::cli
