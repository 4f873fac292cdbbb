// tv2onnx explain [CODE]: the table of codes. docs/errors.md is what --markdown prints.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/answer_format.h"
#include "cli/command.h"
#include "cli/print.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

std::string_view exit_code_meaning(int exit_code) {
  switch (exit_code) {
    case 0: return "nothing is wrong";
    case 1: return "a finding of tv2onnx doctor";
    case 2: return "usage";
    case 3: return "bad input file";
    case 4: return "something is missing in the environment";
    default: return "internal error";
  }
}

/// The code in "W003", "w003" or a pasted "error[W003]: ...".
std::string code_in(std::string text) {
  constexpr std::string_view kStart = "error[";
  if (text.starts_with(kStart)) {
    text.erase(0, kStart.size());
    text.erase(std::min(text.find(']'), text.size()));
  }
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

const ErrorCodeRow& find_row(const std::string& text) {
  const std::string code = code_in(text);
  if (const ErrorCodeRow* row = find_error_code(code)) return *row;
  std::vector<std::string_view> codes;
  for (const ErrorCodeRow& row : error_codes()) codes.push_back(row.code.name());
  const std::string nearest = nearest_name(code, codes);
  throw Error({.code = "U001",
               .found = fmt::format("unknown error code '{}'", printable(text)),
               .hint = nearest.empty() ? "all codes: tv2onnx explain"
                                       : fmt::format("did you mean {}?", nearest)});
}

nlohmann::ordered_json as_json(const ErrorCodeRow& row) {
  return {{"code", row.code.name()},
          {"exit_code", row.exit_code},
          {"title", row.title},
          {"explanation", row.explanation}};
}

std::string as_markdown(const ErrorCodeRow& row) {
  return fmt::format("## {}: {}\n\n{}\n\nExit code {}: {}.\n", row.code.name(), row.title,
                     row.explanation, row.exit_code, exit_code_meaning(row.exit_code));
}

int explain_all(AnswerFormat format) {
  if (format == AnswerFormat::kJson) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ErrorCodeRow& row : error_codes()) list.push_back(as_json(row));
    print_answer("{}\n", json_text(list));
  } else if (format == AnswerFormat::kMarkdown) {
    print_answer(
        "# Error codes\n\n"
        "Made by `tv2onnx explain --markdown`; the texts are in "
        "`src/base/error_codes.cpp`.\n");
    for (const ErrorCodeRow& row : error_codes()) print_answer("\n{}", as_markdown(row));
  } else {
    std::vector<std::vector<std::string>> rows{{"CODE", "EXIT", "MEANING"}};
    for (const ErrorCodeRow& row : error_codes()) {
      rows.push_back(
          {std::string(row.code.name()), std::to_string(row.exit_code), std::string(row.title)});
    }
    print_answer("{}\ntv2onnx explain CODE says more.\n", table_text(rows));
  }
  return 0;
}

int explain_one(const ErrorCodeRow& row, AnswerFormat format) {
  if (format == AnswerFormat::kJson) {
    print_answer("{}\n", json_text(as_json(row)));
  } else if (format == AnswerFormat::kMarkdown) {
    print_answer("{}", as_markdown(row));
  } else {
    print_answer("{}: {}\n\n{}\n\nExit code {}: {}.\n", row.code.name(), row.title, row.explanation,
                 row.exit_code, exit_code_meaning(row.exit_code));
  }
  return 0;
}

}  // namespace

void add_explain(Command& program, Invocation& /*invocation*/) {
  Command* command =
      program.add_subcommand("explain", "explain a code of an error or of the doctor");
  auto code = std::make_shared<std::string>();
  command->add_option("CODE", *code, "for example W003; without it, all codes are listed");
  const auto flags = add_answer_format(*command);
  command->footer("tv2onnx explain W003");
  command->run = [code, flags] {
    const AnswerFormat format = flags->format();
    return code->empty() ? explain_all(format) : explain_one(find_row(*code), format);
  };
}

}  // namespace tv2onnx::cli
