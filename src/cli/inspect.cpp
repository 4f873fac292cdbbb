// tv2onnx inspect

#include "cli/command.h"

namespace tv2onnx::cli {

void add_inspect(CLI::App& app, Invocation& invocation) {
  app.add_subcommand("inspect", "")->callback([&invocation] { invocation.run = [] { return 70; }; });
}

}  // namespace tv2onnx::cli
