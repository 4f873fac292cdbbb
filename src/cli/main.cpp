#include <iostream>

#include "cli/platform_program.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  // Where ONNX Runtime shares libonnx with the system (Debian 13), that complains on std::cerr of
  // operators that are registered twice. This program writes to stderr by other means.
  std::cerr.rdbuf(nullptr);
  tv2onnx::cli::Words words = tv2onnx::cli::words_of(argc, argv);
  return tv2onnx::cli::run_program(words.count(), words.pointers());
}
