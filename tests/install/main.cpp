// Export without a file, with nothing but tv2onnx::core: core CHECKPOINT
#include <tv2onnx/error.h>
#include <tv2onnx/export.h>

#include <cstdio>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const tv2onnx::ExportedModel model =
      tv2onnx::export_to_memory(tv2onnx::open_checkpoint(argv[1]), {});
  std::printf("%s, %zu bytes\n", model.report.arch.c_str(), model.bytes.size());
} catch (const tv2onnx::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.exit_code();
}
