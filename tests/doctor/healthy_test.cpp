// No finding on what is in order: our own exports in every form.

#include <gtest/gtest.h>

#include "support/files.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/export.h"

namespace tv2onnx {
namespace {

using testing::TemporaryFolder;

Diagnosis diagnosis_of(const ExportOptions& options) {
  const TemporaryFolder folder;
  export_onnx(open_checkpoint(TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth"),
              folder / "shapes.onnx", options);
  return diagnose(folder / "shapes.onnx");
}

TEST(Healthy, OwnExportsOfEveryOpset) {
  for (int opset = kMinOpset; opset <= kMaxOpset; ++opset) {
    ExportOptions options;
    options.opset = opset;
    const Diagnosis diagnosis = diagnosis_of(options);
    EXPECT_TRUE(diagnosis.healthy()) << opset << ": " << diagnosis.verdict;
  }
}

TEST(Healthy, OwnExportsOfEveryForm) {
  for (const OutputMode outputs : {OutputMode::kBatched, OutputMode::kFixed, OutputMode::kFlat}) {
    for (const InputMode input : {InputMode::kFloat, InputMode::kAuto, InputMode::kUint8}) {
      ExportOptions options;
      options.build.outputs = outputs;
      options.build.input = input;
      const Diagnosis diagnosis = diagnosis_of(options);
      EXPECT_TRUE(diagnosis.healthy()) << diagnosis.verdict;
    }
  }
}

}  // namespace
}  // namespace tv2onnx
