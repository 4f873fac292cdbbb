#pragma once
// The report of tv2onnx verify as text and as JSON.

#include <string>

#include "tv2onnx/verify.h"

namespace tv2onnx::cli {

/// What was verified against what.
struct VerifyTitle {
  std::string model;
  std::string reference;
  std::string kind;  ///< "recorded in torch 2.6 / torchvision 0.21", "ONNX file", ...
};

/// Notes, a table with a row per image, what differs in detail, and one line with the verdict.
std::string verify_text(const VerifyTitle& title, const VerifyReport& report,
                        const VerifyOptions& options);
std::string verify_json(const VerifyTitle& title, const VerifyReport& report,
                        const VerifyOptions& options);

}  // namespace tv2onnx::cli
