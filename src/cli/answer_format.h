#pragma once
// The forms in which commands that list something answer.

#include <CLI/CLI.hpp>
#include <memory>

namespace tv2onnx::cli {

enum class AnswerFormat { kText, kMarkdown, kJson };

/// Adds --json and --markdown to a command; what was chosen is there when the command runs.
inline std::shared_ptr<AnswerFormat> add_answer_format(CLI::App& command) {
  auto format = std::make_shared<AnswerFormat>(AnswerFormat::kText);
  CLI::Option* json = command.add_flag_callback(
      "--json", [format] { *format = AnswerFormat::kJson; }, "answer as JSON");
  command
      .add_flag_callback(
          "--markdown", [format] { *format = AnswerFormat::kMarkdown; }, "answer as Markdown")
      ->excludes(json);
  return format;
}

}  // namespace tv2onnx::cli
