#include "cli/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace tv2onnx::cli {

std::string typed_text(const Argument& argument) {
  std::string text = argument.names;
  if (argument.positional()) {
    const bool several = std::holds_alternative<std::vector<std::string>*>(argument.target);
    return text + (several ? "..." : "");
  }
  if (const std::size_t comma = text.find(','); comma != std::string::npos) {
    text.insert(comma + 1, " ");
  }
  return argument.is_flag() ? text : text + " " + argument.value;
}

std::string explanation_of(const Argument& argument) {
  std::vector<std::string> notes;
  if (argument.is_required && !argument.positional()) notes.emplace_back("required");
  if (!argument.standard.empty()) notes.push_back("default " + argument.standard);
  if (notes.empty()) return argument.help;
  return argument.help + fmt::format(" ({})", fmt::join(notes, ", "));
}

namespace {

constexpr std::size_t kColumn = 30;  // where the explanations begin
constexpr std::size_t kWidth = 96;

/// What to type, with a long list of values broken into lines.
std::string typed_lines(std::string left) {
  constexpr std::string_view kBetween = " | ";
  std::string text = "  ";
  while (left.size() > kWidth) {
    const std::size_t cut = left.rfind(kBetween, kWidth - kBetween.size());
    if (cut == std::string::npos) break;
    text += left.substr(0, cut + 2) + "\n      ";
    left.erase(0, cut + kBetween.size());
  }
  return text + left;
}

/// One entry of a list: what to type, and what it does, broken into lines.
std::string entry_text(const std::string& left, const std::string& right) {
  const std::string indent(kColumn, ' ');
  std::string text = typed_lines(left);
  text += text.size() + 2 > kColumn ? "\n" + indent : std::string(kColumn - text.size(), ' ');
  std::size_t width = kColumn;
  for (std::size_t at = right.find_first_not_of(' '); at != std::string::npos;) {
    const std::size_t end = std::min(right.find(' ', at), right.size());
    const std::string word = right.substr(at, end - at);
    at = right.find_first_not_of(' ', end);
    const bool first = width == kColumn;
    if (!first && width + 1 + word.size() > kWidth) {
      text += "\n" + indent + word;
      width = kColumn + word.size();
    } else {
      text += (first ? "" : " ") + word;
      width += word.size() + (first ? 0 : 1);
    }
  }
  return text + "\n";
}

using Shown = std::vector<const Argument*>;

std::string list_text(const std::string& heading, const Shown& arguments) {
  if (arguments.empty()) return "";
  std::string text = fmt::format("\n{}:\n", heading);
  for (const Argument* argument : arguments) {
    text += entry_text(typed_text(*argument), explanation_of(*argument));
  }
  return text;
}

Shown options_of(const Command& command, const std::string& group) {
  Shown options;
  for (const Argument& argument : command.arguments) {
    if (!argument.positional() && argument.in_group == group) options.push_back(&argument);
  }
  return options;
}

Shown positionals_of(const Command& command) {
  Shown positionals;
  for (const Argument& argument : command.arguments) {
    if (argument.positional()) positionals.push_back(&argument);
  }
  return positionals;
}

bool shows(const Argument* argument, Page page) {
  const Page* shown = std::get_if<Page>(&argument->target);
  return shown != nullptr && *shown == page;
}

/// "tv2onnx export CHECKPOINT -o MODEL.onnx [options]"
std::string usage_of(const Command& command, const std::string& name) {
  std::string text = "Usage: " + name;
  if (!command.commands.empty()) text += " COMMAND";
  for (const Argument* argument : positionals_of(command)) {
    const std::string typed = typed_text(*argument);
    text += argument->is_required ? " " + typed : " [" + typed + "]";
  }
  for (const Argument* option : options_of(command, kStandardGroup)) {
    if (!option->is_required) continue;
    const std::string typed = typed_text(*option);
    text += " " + typed.substr(typed.starts_with("-o,") ? typed.find("--") : 0);
  }
  return text + " [options]\n";
}

std::string commands_of(const Command& program) {
  std::string text;
  for (const Command& command : program.commands) {
    text += entry_text(command.name, command.description);
  }
  return text.empty() ? "" : "\nCommands:\n" + text;
}

std::string examples_of(const Command& command) {
  std::string text;
  for (const std::string_view line : example_lines(command)) text += fmt::format("  {}\n", line);
  return text.empty() ? "" : "\nExamples:\n" + text;
}

}  // namespace

std::vector<std::string_view> example_lines(const Command& command) {
  std::vector<std::string_view> lines;
  std::string_view left = command.examples;
  while (!left.empty()) {
    lines.push_back(left.substr(0, left.find('\n')));
    left.remove_prefix(std::min(left.size(), lines.back().size() + 1));
  }
  return lines;
}

std::string help_text(const Command& program, const Command* command) {
  const Command& shown = command == nullptr ? program : *command;
  const std::string name = command == nullptr ? program.name : program.name + " " + command->name;
  Shown options = options_of(shown, kStandardGroup);
  std::string general;
  if (command != nullptr) {
    // That of a command is shown once, as the program's.
    std::erase_if(options, [](const Argument* option) { return shows(option, Page::kHelp); });
    Shown of_every_command = options_of(program, kStandardGroup);
    std::erase_if(of_every_command,
                  [](const Argument* option) { return shows(option, Page::kVersion); });
    general = list_text("Options of every command", of_every_command);
  }
  return (command == nullptr ? "" : name + ": ") + shown.description + "\n\n" +
         usage_of(shown, name) + commands_of(shown) +
         list_text("Arguments", positionals_of(shown)) + list_text(kStandardGroup, options) +
         general + examples_of(shown);
}

std::string further_help_text(const Command& command) {
  std::vector<std::string> groups;
  for (const Argument& argument : command.arguments) {
    const bool known = std::ranges::find(groups, argument.in_group) != groups.end();
    if (!known && argument.in_group != kStandardGroup) groups.push_back(argument.in_group);
  }
  std::string text;
  for (const std::string& group : groups) text += list_text(group, options_of(command, group));
  return text.substr(text.find_first_not_of('\n'));
}

}  // namespace tv2onnx::cli
