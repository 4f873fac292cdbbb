// tv2onnx explain [CODE]: the table of error codes.

#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "cli/command.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

int explain(const std::string& code) {
  if (code.empty()) {
    for (const ErrorCode& row : error_codes()) fmt::print("{}  {}\n", row.code, row.title);
    return 0;
  }
  const ErrorCode* row = find_error_code(code);
  if (row == nullptr) {
    throw Error({.code = "U001",
                 .found = fmt::format("unknown error code '{}'", printable(code)),
                 .hint = "tv2onnx explain lists all codes"});
  }
  fmt::print("{}: {}\nexit code {}\n\n{}\n", row->code, row->title, row->exit_code,
             row->explanation);
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("explain", "explain an error code");
  auto code = std::make_shared<std::string>();
  command->add_option("CODE", *code, "for example W003; without it, all codes are listed");
  command->callback([code, &invocation] { invocation.run = [code] { return explain(*code); }; });
}

}  // namespace tv2onnx::cli
