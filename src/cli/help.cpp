#include "cli/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace tv2onnx::cli {
namespace {

constexpr std::size_t kColumn = 30;  // where the explanations begin
constexpr std::size_t kWidth = 96;
constexpr const char* kStandardGroup = "Options";  // CLI11's

/// One line of a list: what to type, and what it does, broken into lines.
std::string entry_text(const std::string& left, const std::string& right) {
  const std::string indent(kColumn, ' ');
  std::string text = "  " + left;
  text += text.size() + 2 > kColumn ? "\n" + indent : std::string(kColumn - text.size(), ' ');
  std::size_t width = kColumn;
  std::istringstream words(right);
  for (std::string word; words >> word;) {
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

/// "MODEL.onnx", without the names that CLI11 adds for validators; "" for a flag.
std::string value_name(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  const std::string name = option.get_type_name();
  return name.substr(0, name.find(':'));
}

bool takes_several(const CLI::Option& option) {
  return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

/// "CHECKPOINT", "IMAGE..." or "-o, --output MODEL.onnx".
std::string typed_text(const CLI::Option& option) {
  if (option.get_positional()) {
    return option.get_name(true, false) + (takes_several(option) ? "..." : "");
  }
  std::string text = option.get_name(false, true);
  if (const std::size_t comma = text.find(','); comma != std::string::npos) {
    text.insert(comma + 1, " ");
  }
  const std::string value = value_name(option);
  return value.empty() ? text : text + " " + value;
}

/// The explanation, then in brackets what else is to be known.
std::string explanation_of(const CLI::Option& option) {
  std::vector<std::string> notes;
  if (option.get_required() && !option.get_positional()) notes.emplace_back("required");
  std::string standard = option.get_default_str();
  std::erase_if(standard, [](char c) { return c == '[' || c == ']'; });
  if (!standard.empty()) notes.push_back("default " + standard);
  std::string text = option.get_description();
  if (!notes.empty()) text += fmt::format(" ({})", fmt::join(notes, ", "));
  return text;
}

std::string list_text(const std::string& heading, const std::vector<const CLI::Option*>& options) {
  if (options.empty()) return "";
  std::string text = fmt::format("\n{}:\n", heading);
  for (const CLI::Option* option : options) {
    text += entry_text(typed_text(*option), explanation_of(*option));
  }
  return text;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, const std::string& group) {
  return app.get_options([&](const CLI::Option* option) {
    // That of a command is shown once, as its parent's.
    const bool is_own_help = app.get_parent() != nullptr && option == app.get_help_ptr();
    return option->nonpositional() && option->get_group() == group && !is_own_help;
  });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

/// "tv2onnx export CHECKPOINT -o MODEL.onnx [options]"
std::string usage_of(const CLI::App& app, const std::string& name) {
  std::string text = "Usage: " + name;
  if (!app.get_subcommands({}).empty()) text += " COMMAND";
  for (const CLI::Option* option : positionals_of(app)) {
    const std::string typed = typed_text(*option);
    text += option->get_required() ? " " + typed : " [" + typed + "]";
  }
  for (const CLI::Option* option : options_of(app, kStandardGroup)) {
    if (!option->get_required()) continue;
    const std::string typed = typed_text(*option);
    text += " " + typed.substr(typed.starts_with("-o,") ? typed.find("--") : 0);
  }
  return text + " [options]\n";
}

std::string commands_of(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : app.get_subcommands({})) {
    text += entry_text(command->get_name(), command->get_description());
  }
  return text.empty() ? "" : "\nCommands:\n" + text;
}

std::string examples_of(const CLI::App& app) {
  std::string text;
  std::istringstream lines(app.get_footer());
  for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
  return text.empty() ? "" : "\nExamples:\n" + text;
}

/// The groups that only the second help flag shows.
std::string further_groups(const CLI::App& app) {
  std::string text;
  for (const std::string& group : app.get_groups()) {
    if (group.empty() || group == kStandardGroup) continue;
    text += list_text(group, options_of(app, group));
  }
  return text.substr(text.find_first_not_of('\n'));
}

}  // namespace

std::string help_text(const CLI::App* app, std::string name, CLI::AppFormatMode mode) {
  if (mode == CLI::AppFormatMode::All) return further_groups(*app);
  const bool is_command = app->get_parent() != nullptr;
  std::string text = is_command ? name + ": " : "";
  text += fmt::format("{}\n\n{}", app->get_description(), usage_of(*app, name));
  text += commands_of(*app);
  text += list_text("Arguments", positionals_of(*app));
  text += list_text(kStandardGroup, options_of(*app, kStandardGroup));
  if (is_command) {
    auto general = options_of(*app->get_parent(), kStandardGroup);
    std::erase_if(general,
                  [](const CLI::Option* option) { return option->get_name() == "--version"; });
    text += list_text("Options of every command", general);
  }
  return text + examples_of(*app);
}

}  // namespace tv2onnx::cli
