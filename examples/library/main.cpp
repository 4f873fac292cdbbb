// Export a checkpoint and run the result on a photo: detect CHECKPOINT MODEL.onnx PHOTO
#include <tv2onnx/detector.h>
#include <tv2onnx/error.h>
#include <tv2onnx/export.h>
#include <tv2onnx/image.h>

#include <cstdio>

int main(int argc, char** argv) try {
  if (argc != 4) return 2;
  tv2onnx::ExportOptions options;
  options.write.overwrite = true;
  tv2onnx::export_onnx(tv2onnx::open_checkpoint(argv[1]), argv[2], options);
  const tv2onnx::Detector detector(argv[2]);
  const std::vector<tv2onnx::Detections> found = detector.run(tv2onnx::read_image(argv[3]));
  for (const tv2onnx::Detection& one : found[0]) {
    std::printf("class %d  %.3f  [%.1f %.1f %.1f %.1f]\n", static_cast<int>(one.label), one.score,
                one.box[0], one.box[1], one.box[2], one.box[3]);
  }
} catch (const tv2onnx::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.exit_code();
}
