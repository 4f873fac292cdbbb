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

/// The command that was given, or the program itself.
CLI::App& chosen_command(CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.back();
}

std::string help_command(const CLI::App& app, const CLI::App& command) {
  return &command == &app ? app.get_name() + " --help"
                          : fmt::format("{} {} --help", app.get_name(), command.get_name());
}

std::string see_help(const CLI::App& app, const CLI::App& command) {
  return fmt::format("all {}: {}", &command == &app ? "commands" : "options",
                     help_command(app, command));
}

void add_flags(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string nearest = nearest_name(word, candidates);
  return nearest.empty() ? "" : fmt::format("did you mean {}?", nearest);
}

Error unknown_command(CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  const std::string hint = did_you_mean(word, names);
  return Error({.code = "U001",
                .found = fmt::format("there is no command '{}'", printable(word)),
                .hint = hint.empty() ? see_help(app, app) : hint});
}

/// The first word that nothing wanted; what follows an unknown option is its value.
Error unexpected_word(CLI::App& app) {
  CLI::App& command = chosen_command(app);
  const std::string word = app.remaining(true).front();
  const bool option = word.size() > 1 && word[0] == '-';
  std::vector<std::string> names;
  add_flags(command, names);
  add_flags(app, names);
  const std::string_view name = std::string_view(word).substr(0, word.find('='));
  const std::string hint = option ? did_you_mean(name, names) : "";
  return Error(
      {.code = "U001",
       .found = option ? fmt::format("{} has no option {}", command.get_name(), printable(name))
                       : fmt::format("'{}' is one argument too many", printable(word)),
       .hint = hint.empty() ? see_help(app, command) : hint});
}

/// "Could not convert: --opset = abc" with the words that CLI11 has for it.
Error bad_value(CLI::App& app, const std::string& problem) {
  constexpr std::string_view kStart = "Could not convert: ";
  std::string found = problem;
  if (problem.starts_with(kStart)) {
    found = fmt::format("not a number: {}", problem.substr(kStart.size()));
  }
  return Error(
      {.code = "U002", .found = printable(found), .hint = see_help(app, chosen_command(app))});
}

}  // namespace

Error usage_error(CLI::App& app, const CLI::ParseError& problem) {
  const std::vector<std::string> remaining = app.remaining(true);
  const bool has_command = !app.get_subcommands().empty();
  if (!has_command && !remaining.empty()) {
    const std::string& word = remaining.front();
    return word.starts_with('-') ? unexpected_word(app) : unknown_command(app, word);
  }
  const std::string text = problem.what();
  // A misspelt option is also why something else is missing.
  if (dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr ||
      (!remaining.empty() && remaining.front().starts_with('-'))) {
    return unexpected_word(app);
  }
  if (dynamic_cast<const CLI::ConversionError*>(&problem) != nullptr ||
      dynamic_cast<const CLI::ValidationError*>(&problem) != nullptr) {
    return bad_value(app, text);
  }
  const bool contradiction = dynamic_cast<const CLI::ExcludesError*>(&problem) != nullptr ||
                             dynamic_cast<const CLI::RequiresError*>(&problem) != nullptr;
  return Error({.code = contradiction ? ErrorCode("U003") : ErrorCode("U001"),
                .found = has_command ? printable(text) : "no command is given",
                .hint = see_help(app, chosen_command(app))});
}

}  // namespace tv2onnx::cli
