#include "cli/platform_program.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  tv2onnx::cli::Words words = tv2onnx::cli::words_of(argc, argv);
  return tv2onnx::cli::run_program(words.count(), words.pointers());
}
