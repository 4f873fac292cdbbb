#include "support/run_tool.h"

#include <sys/wait.h>

#include <cstdlib>

#include "support/files.h"

namespace tv2onnx::testing {

ToolResult run_tool(const std::string& arguments, const std::string& input) {
  const TemporaryFolder folder;
  const std::string command = std::string("'" TV2ONNX_BINARY "' ") + arguments + " >'" +
                              (folder / "out").string() + "' 2>'" + (folder / "err").string() +
                              "' <'" + input + "'";
  const int status = std::system(command.c_str());
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_file(folder / "out"),
          .err = read_file(folder / "err")};
}

}  // namespace tv2onnx::testing
