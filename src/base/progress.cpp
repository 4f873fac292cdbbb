#include "tv2onnx/progress.h"

#include "tv2onnx/error.h"

namespace tv2onnx {

void stop_if_cancelled(const CallControl& control) {
  if (!control.cancel.stop_requested()) return;
  throw Error({.code = "X003", .found = "the call was cancelled by the program that made it"});
}

void begin_step(const CallControl& control, const Step& step) {
  stop_if_cancelled(control);
  if (control.progress) control.progress(step);
}

}  // namespace tv2onnx
