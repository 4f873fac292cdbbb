#pragma once
// What an action throws.

#include <functional>
#include <optional>
#include <string>

#include "tv2onnx/error.h"

namespace tv2onnx::testing {

/// The tv2onnx::Error that `action` throws, or nothing.
inline std::optional<Error> error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

/// Its code, or "".
inline std::string code_of(const std::function<void()>& action) {
  const std::optional<Error> error = error_of(action);
  return error ? std::string(error->code().name()) : "";
}

/// Its whole message, or "".
inline std::string message_of(const std::function<void()>& action) {
  const std::optional<Error> error = error_of(action);
  return error ? error->what() : "";
}

}  // namespace tv2onnx::testing
