// tv2onnx detect

#include "cli/command.h"

namespace tv2onnx::cli {

void add_detect(CLI::App& app, Invocation& invocation) {
  app.add_subcommand("detect", "")->callback([&invocation] { invocation.run = [] { return 70; }; });
}

}  // namespace tv2onnx::cli
