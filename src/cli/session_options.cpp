#include "cli/session_options.h"

namespace tv2onnx::cli {

void add_session_options(Command& command, SessionOptions& options) {
  command.add_option("--runtime", options.library, "ONNX Runtime library to use")
      ->type_name("FILE.so");
  command.add_option("--threads", options.threads, "threads; 0: ONNX Runtime's choice")
      ->range(0, 1024)
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace tv2onnx::cli
