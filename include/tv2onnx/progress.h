#pragma once
/// \file
/// How a program watches a long call of the library, and ends it early.

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string_view>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

/// A part of a long call that is about to begin.
struct Step {
  std::string_view name;  ///< of the case, the file, ...: for people
  std::size_t index = 0;
  std::size_t count = 0;
};

/// What the options of long calls have beside their own members. Both may be left empty.
struct CallControl {
  /// Called before each step, in the calling thread.
  std::function<void(const Step&)> progress = {};
  /// Once stop is requested, the call ends at its next step with Error X003. From another thread:
  /// `std::stop_source source; options.control.cancel = source.get_token();`
  std::stop_token cancel = {};
};

/// \throws Error X003 if the call shall end.
void stop_if_cancelled(const CallControl& control);
/// Says that `step` begins. \throws Error X003 if the call shall end.
void begin_step(const CallControl& control, const Step& step);

}  // namespace TV2ONNX_API tv2onnx
