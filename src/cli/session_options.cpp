#include "cli/session_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

void add_provider_option(const std::string& text, SessionOptions& options) {
  const std::size_t sign = text.find('=');
  const bool is_new =
      sign != std::string::npos && sign > 0 &&
      options.provider_options.try_emplace(text.substr(0, sign), text.substr(sign + 1)).second;
  if (is_new) return;
  throw Error({.code = "U002",
               .found = fmt::format("--provider-option '{}'", printable(text)),
               .expected = "KEY=VALUE, each key once"});
}

}  // namespace

void add_no_spinning(Command& command, bool& spinning) {
  command.add_flag_function(
      "--no-spinning", [&spinning](bool on) { spinning = !on; },
      "threads that wait sleep: for busy machines");
}

void add_session_options(Command& command, SessionOptions& options) {
  command.add_option("--runtime", options.library, "ONNX Runtime library to use")
      ->type_name("FILE.so");
  command.add_option("--threads", options.threads, "threads; 0: ONNX Runtime's choice")
      ->range(0, 1024)
      ->capture_default_str()
      ->type_name("N");
  add_no_spinning(command, options.spinning);
  command
      .add_option("--provider", options.provider,
                  "what computes instead of the CPU; check it by verify --provider")
      ->type_name(fmt::format("{}", fmt::join(provider_names(), " | ")));
  command
      .add_option_function(
          "--provider-option",
          [&options](const std::string& text) { add_provider_option(text, options); },
          "option of the provider, as ONNX Runtime names it; repeatable")
      ->repeatable()
      ->type_name("KEY=VALUE");
}

}  // namespace tv2onnx::cli
