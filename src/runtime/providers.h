#pragma once
// Execution providers: what computes a session other than the CPU.

#include <string>
#include <vector>

#include "runtime/library.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {

/// Gives the session the provider that the options ask for, if any. \throws Error U002 (no such
/// name), U003 (options without a provider), R009 (it is not there).
void append_provider(const Runtime& runtime, const SessionOptions& options,
                     OrtSessionOptions* settings, const std::string& file);

}  // namespace tv2onnx
