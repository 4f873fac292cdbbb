#include "cli/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "cli/help.h"
#include "cli/usage_error.h"
#include "cli/values.h"

namespace tv2onnx::cli {
namespace {

using ProblemKind = UsageProblem::Kind;

/// A command line while it is read.
struct Line {
  const Command& program;
  std::vector<std::string> words;
  std::size_t next = 0;
  const Command* command = nullptr;
  std::map<const Argument*, std::vector<std::string>> values = {};  ///< of flags "true" or "false"
  std::vector<std::string> unwanted = {};

  bool has(const Argument& argument) const {
    const auto found = values.find(&argument);
    return found != values.end() && !found->second.empty();
  }
};

bool is_called(const Argument& argument, std::string_view name) {
  std::string_view names = argument.names;
  while (!names.empty()) {
    const std::string_view one = names.substr(0, names.find(','));
    if (one == name) return true;
    names.remove_prefix(std::min(names.size(), one.size() + 1));
  }
  return false;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

bool is_list(const Argument& argument) {
  return std::holds_alternative<std::vector<std::string>*>(argument.target) ||
         std::holds_alternative<std::vector<int>*>(argument.target);
}

/// Of the command, else of the program, whose options may stand anywhere.
const Argument* find_option(const Line& line, std::string_view name) {
  for (const Command* place : {line.command, &line.program}) {
    if (place == nullptr) continue;
    const auto found = std::ranges::find_if(place->arguments, [&](const Argument& argument) {
      return !argument.positional() && is_called(argument, name);
    });
    if (found != place->arguments.end()) return &*found;
  }
  return nullptr;
}

/// Words that are still needed for what is known by its place.
std::size_t words_needed(const Line& line) {
  if (line.command == nullptr) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(line.command->arguments, [&](const Argument& argument) {
        return argument.positional() && argument.is_required && !line.has(argument);
      }));
}

/// The letters of "--name=value" or "-nvalue" that are the option's name.
std::size_t name_length(const std::string& word) {
  return word.starts_with("--") ? std::min(word.find('='), word.size()) : 2;
}

/// Whether a value can come next: any word but an option, so that "-o -f" writes no file "-f". A
/// number below 0 is a value.
bool has_value_next(const Line& line) {
  if (line.next == line.words.size()) return false;
  const std::string& word = line.words[line.next];
  return !is_option(word) || find_option(line, word.substr(0, name_length(word))) == nullptr;
}

/// The value that is not in the option's own word, and those that follow the first of a list.
void take_values(Line& line, const Argument& option, bool has_one) {
  std::vector<std::string>& values = line.values[&option];
  if (!has_one) {
    if (!has_value_next(line)) {
      throw UsageFault(ProblemKind::kOther,
                       fmt::format("{} needs a value: {} {}", option.name(), option.name(),
                                   option.value.empty() ? "VALUE" : option.value));
    }
    values.push_back(line.words[line.next++]);
  }
  if (!is_list(option) || option.one_by_one) return;
  while (line.words.size() - line.next > words_needed(line) && !is_option(line.words[line.next])) {
    values.push_back(line.words[line.next++]);
  }
}

/// "--name", "--name=value", "-n", "-nvalue"; flags of one letter also together: "-qv".
void take_option(Line& line, const std::string& word) {
  const bool is_long = word.starts_with("--");
  const std::size_t end = name_length(word);
  const Argument* option = find_option(line, std::string_view(word).substr(0, end));
  if (option == nullptr) {
    line.unwanted.push_back(word);
    return;
  }
  const bool has_more = end < word.size();
  const std::string more = has_more ? word.substr(is_long ? end + 1 : end) : "";
  std::vector<std::string>& values = line.values[option];
  if (!option->is_flag()) {
    if (has_more) values.push_back(more);
    take_values(line, *option, has_more);
  } else if (is_long) {
    values.push_back(has_more ? more : "true");
  } else {
    values.emplace_back("true");
    if (has_more) take_option(line, "-" + more);
  }
}

/// The command, or what is known by its place.
void take_word(Line& line, const std::string& word) {
  if (line.command == nullptr) {
    const auto found = std::ranges::find(line.program.commands, word, &Command::name);
    if (found != line.program.commands.end()) {
      line.command = &*found;
      return;
    }
  } else {
    for (const Argument& argument : line.command->arguments) {
      if (!argument.positional() || (line.has(argument) && !is_list(argument))) continue;
      line.values[&argument].push_back(word);
      return;
    }
  }
  line.unwanted.push_back(word);
}

void read_words(Line& line) {
  bool only_words = false;
  while (line.next < line.words.size()) {
    const std::string word = line.words[line.next++];
    if (word == "--" && !only_words) {
      only_words = true;
    } else if (is_option(word) && !only_words) {
      take_option(line, word);
    } else {
      take_word(line, word);
    }
  }
}

bool asks_for(const Line& line, Page page) {
  return std::ranges::any_of(line.values, [&](const auto& entry) {
    const auto* asked = std::get_if<Page>(&entry.first->target);
    return asked != nullptr && *asked == page;
  });
}

void apply(const Line& line, Command& command) {
  for (Argument& row : command.arguments) {
    const auto found = line.values.find(&row);
    row.count = found == line.values.end() ? 0 : found->second.size();
    if (row.count > 0) set_values(row, found->second);
  }
}

bool excludes(const Argument& one, const Argument& other) {
  return std::ranges::find(one.excluded, &other) != one.excluded.end();
}

bool is_given(const Argument* argument) {
  return argument->count > 0;
}

/// What must be there together, or not.
void require_sense(const Command& command) {
  for (const Argument& row : command.arguments) {
    if (row.is_required && row.count == 0) {
      throw UsageFault(ProblemKind::kOther, row.name() + " is required");
    }
    if (row.count == 0) continue;
    const auto contradict = [&](const char* how, const Argument& other) {
      throw UsageFault(ProblemKind::kContradiction,
                       fmt::format("{} {} {}", row.name(), how, other.name()));
    };
    for (const Argument* other : row.needed) {
      if (!is_given(other)) contradict("requires", *other);
    }
    for (const Argument& other : command.arguments) {
      if (is_given(&other) && (excludes(row, other) || excludes(other, row))) {
        contradict("excludes", other);
      }
    }
  }
}

/// Fills the variables, if the line asks for a command and not for a page.
void run_line(Line& line, Command& program) {
  apply(line, program);
  for (Command& command : program.commands) apply(line, command);
  require_sense(program);
  if (line.command == nullptr) throw UsageFault(ProblemKind::kOther, "a command is required");
  require_sense(*line.command);
  if (!line.unwanted.empty()) throw UsageFault(ProblemKind::kExtraWord, "");
  const std::vector<const Argument*>& one_of = line.command->one_of;
  if (!one_of.empty() && std::ranges::none_of(one_of, is_given)) {
    throw UsageFault(ProblemKind::kOther, one_of.front()->name() + " is required");
  }
}

}  // namespace

Parsed parse(Command& program, const std::string& version, int argc, char** argv) {
  Line line{.program = program, .words = {argv + std::min(argc, 1), argv + argc}};
  // "help export", as other programs have it, is "export --help".
  if (!line.words.empty() && line.words.front() == "help") line.words.front() = "--help";
  try {
    read_words(line);
    if (asks_for(line, Page::kVersion)) return {.text = version + "\n"};
    // What is no command has no page either.
    const bool has_page = line.command != nullptr || line.unwanted.empty();
    if (asks_for(line, Page::kHelp) && has_page) return {.text = help_text(program, line.command)};
    if (asks_for(line, Page::kFurtherHelp)) return {.text = further_help_text(*line.command)};
    run_line(line, program);
  } catch (const UsageFault& fault) {
    throw usage_error(program, {.kind = fault.kind,
                                .text = fault.what(),
                                .command = line.command,
                                .unwanted = line.unwanted});
  }
  return {.command = line.command};
}

}  // namespace tv2onnx::cli
