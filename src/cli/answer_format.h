#pragma once
// The forms in which commands that list something answer.

#include <memory>

#include "cli/options.h"

namespace tv2onnx::cli {

enum class AnswerFormat { kText, kMarkdown, kJson };

struct AnswerFlags {
  bool json = false;
  bool markdown = false;

  AnswerFormat format() const {
    if (json) return AnswerFormat::kJson;
    return markdown ? AnswerFormat::kMarkdown : AnswerFormat::kText;
  }
};

/// Adds --json and --markdown to a command; what was chosen is there when the command runs.
inline std::shared_ptr<const AnswerFlags> add_answer_format(Command& command) {
  auto flags = std::make_shared<AnswerFlags>();
  Argument* json = command.add_flag("--json", flags->json, "answer as JSON");
  command.add_flag("--markdown", flags->markdown, "answer as Markdown")->excludes(json);
  return flags;
}

}  // namespace tv2onnx::cli
