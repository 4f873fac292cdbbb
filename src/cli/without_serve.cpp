// The commands of src/serve/ in builds that do not have it: the Python package, TV2ONNX_SERVE=OFF.

#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

void add_absent(Command& program, const char* name) {
  Command* command = program.add_subcommand(name, "not in this build");
  auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("MODEL", *words, "ONNX files");
  command->run = [words, name]() -> int {
    throw Error({.code = "U001",
                 .found = fmt::format("this build of tv2onnx has no command {}", name),
                 .expected = "the program that `make install` of the sources installs"});
  };
}

}  // namespace

void add_serve(Command& program, Invocation& /*invocation*/) {
  add_absent(program, "serve");
}

void add_page(Command& program, Invocation& /*invocation*/) {
  add_absent(program, "page");
}

void add_triton(Command& program, Invocation& /*invocation*/) {
  add_absent(program, "triton");
}

}  // namespace tv2onnx::cli
