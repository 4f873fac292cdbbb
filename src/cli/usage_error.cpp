#include "cli/usage_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace tv2onnx::cli {
namespace {

std::string see_help(const Command& program, const Command* command) {
  const bool of_program = command == nullptr;
  return fmt::format("all {}: {}{} --help", of_program ? "commands" : "options", program.name,
                     of_program ? "" : " " + command->name);
}

void add_flags(const Command& command, std::vector<std::string>& names) {
  for (const Argument& argument : command.arguments) {
    if (const std::string name = argument.name(); name.starts_with("--")) names.push_back(name);
  }
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string nearest = nearest_name(word, candidates);
  return nearest.empty() ? "" : fmt::format("did you mean {}?", nearest);
}

Error unknown_command(const Command& program, const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : program.commands) names.push_back(command.name);
  const std::string hint = did_you_mean(word, names);
  return Error({.code = "U001",
                .found = fmt::format("there is no command '{}'", printable(word)),
                .hint = hint.empty() ? see_help(program, nullptr) : hint});
}

/// The first word that nothing wanted; what follows an unknown option is its value.
Error unexpected_word(const Command& program, const Command* given, const std::string& word) {
  const Command& command = given == nullptr ? program : *given;
  const bool option = word.size() > 1 && word[0] == '-';
  std::vector<std::string> names;
  add_flags(command, names);
  add_flags(program, names);
  const std::string_view name = std::string_view(word).substr(0, word.find('='));
  const std::string hint = option ? did_you_mean(name, names) : "";
  return Error({.code = "U001",
                .found = option ? fmt::format("{} has no option {}", command.name, printable(name))
                                : fmt::format("'{}' is one argument too many", printable(word)),
                .hint = hint.empty() ? see_help(program, given) : hint});
}

}  // namespace

Error usage_error(const Command& program, const UsageProblem& problem) {
  using Kind = UsageProblem::Kind;
  const bool unwanted = !problem.unwanted.empty();
  const bool unwanted_option = unwanted && problem.unwanted.front().starts_with('-');
  if (problem.command == nullptr && unwanted && !unwanted_option) {
    return unknown_command(program, problem.unwanted.front());
  }
  // A misspelt option is also why something else is missing.
  if (unwanted_option || problem.kind == Kind::kExtraWord) {
    return unexpected_word(program, problem.command, problem.unwanted.front());
  }
  const ErrorCode code = problem.kind == Kind::kBadValue        ? ErrorCode("U002")
                         : problem.kind == Kind::kContradiction ? ErrorCode("U003")
                                                                : ErrorCode("U001");
  return Error(
      {.code = code,
       .found = problem.command == nullptr ? "no command is given" : printable(problem.text),
       .hint = see_help(program, problem.command)});
}

}  // namespace tv2onnx::cli
