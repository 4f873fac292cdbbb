#pragma once
// tv2onnx doctor --system: what of this machine matters to models.

namespace tv2onnx::cli {

/// Prints ONNX Runtime's place and version, its execution providers, the processor, ffmpeg.
/// Returns the exit code: without ONNX Runtime that of its error, which is shown.
int run_doctor_system(bool json);

}  // namespace tv2onnx::cli
