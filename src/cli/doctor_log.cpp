#include "cli/doctor_log.h"
#include "cli/print.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "base/mapped_file.h"
#include "base/text.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

std::string all_of_stdin() {
  std::string text;
  std::array<char, 4096> part{};
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), stdin)) {
    text.append(part.data(), count);
  }
  return text;
}

/// A message has blanks; what has none is meant as a path.
bool is_path(const std::string& text) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(text, ignored) ||
         text.find_first_of(" \t\n") == std::string::npos;
}

std::string text_of(const std::string& log) {
  if (log == "-") return all_of_stdin();
  if (!is_path(log)) return log;
  return read_text_file(log);
}

std::string as_text(const LogExplanation& explanation) {
  const std::string_view code = explanation.code.empty() ? "-" : explanation.code.name();
  return fmt::format("{:<4} {}: {}{}\n     remedy   {}\n     line {:<3} {}\n     source   {}\n",
                     code, explanation.speaker, explanation.harmless ? "harmless: " : "",
                     printable(explanation.cause, 1000), explanation.remedy, explanation.line,
                     printable(explanation.text, 1000), explanation.source);
}

}  // namespace

int run_doctor_log(const std::string& log, bool json) {
  const std::vector<LogExplanation> found = explain_log(text_of(log));
  if (json) {
    print_answer("{}\n", to_json(found));
  } else if (found.empty()) {
    print_answer(
        "no known error found\n"
        "     remedy   give the whole message, from the first line with 'error' on; or examine the "
        "model: tv2onnx doctor MODEL.onnx --run\n");
  }
  for (std::size_t k = 0; !json && k < found.size(); ++k) {
    print_answer("{}{}", k > 0 ? "\n" : "", as_text(found[k]));
  }
  return found.empty() ? 1 : 0;
}

}  // namespace tv2onnx::cli
