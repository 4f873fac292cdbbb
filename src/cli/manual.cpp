// tv2onnx man: the manual page, from the options themselves.

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/print.h"

namespace tv2onnx::cli {
namespace {

/// As roff takes it: dashes that can be copied, nothing that begins a request.
std::string roff_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
  }
  const bool request = safe.starts_with('.') || safe.starts_with('\'');
  return request ? "\\&" + safe : safe;
}

std::string roff_argument(const Argument& argument) {
  return fmt::format(".TP\n.B {}\n{}\n", roff_text(typed_text(argument)),
                     roff_text(explanation_of(argument)));
}

std::string roff_examples(const Command& command) {
  if (command.examples.empty()) return "";
  std::string text = ".PP\nExamples:\n.PP\n.nf\n";
  for (const std::string_view line : example_lines(command)) text += roff_text(line) + "\n";
  return text + ".fi\n";
}

std::string roff_command(const Command& command) {
  std::string text = fmt::format(".SS \"tv2onnx {}\"\n{}\n", roff_text(command.name),
                                 roff_text(command.description));
  for (const bool positional : {true, false}) {
    for (const Argument& argument : command.arguments) {
      if (argument.positional() == positional) text += roff_argument(argument);
    }
  }
  return text + roff_examples(command);
}

constexpr const char* kExitCodes = R"(.SH EXIT STATUS
.TP
.B 0
done, or healthy
.TP
.B 1
done, with a negative verdict
.TP
.B 2
wrong usage
.TP
.B 3
an input cannot be read or an output cannot be written; some of several inputs failed
.TP
.B 4
something is missing on this machine, or a limit was reached
)";

std::string manual_of(const Command& program) {
  std::string text = fmt::format(
      ".TH TV2ONNX 1 \"\" \"tv2onnx {}\" \"User Commands\"\n.SH NAME\ntv2onnx \\- torchvision "
      "models to ONNX, equal to PyTorch\n.SH SYNOPSIS\n.B tv2onnx\n.I COMMAND\n[options]\n.SH "
      "COMMANDS\n",
      TV2ONNX_VERSION);
  for (const Command& command : program.commands) text += roff_command(command);
  text += ".SH OPTIONS OF EVERY COMMAND\n";
  for (const Argument& argument : program.arguments) text += roff_argument(argument);
  return text + kExitCodes;
}

}  // namespace

void add_manual(Command& program, Invocation& /*invocation*/) {
  Command* command = program.add_subcommand("man", "print the manual page");
  command->footer("tv2onnx man > tv2onnx.1; man ./tv2onnx.1");
  command->run = [&program] {
    print_answer("{}", manual_of(program));
    return 0;
  };
}

}  // namespace tv2onnx::cli
