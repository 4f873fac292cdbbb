#include "cli/program.h"

int main(int argc, char** argv) {
  return tv2onnx::cli::run_program(argc, argv);
}
