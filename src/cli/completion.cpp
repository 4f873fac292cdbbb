// tv2onnx completion SHELL: what shells need to complete command lines, from the options
// themselves.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/choice.h"
#include "cli/command.h"
#include "cli/print.h"

namespace tv2onnx::cli {
namespace {

enum class Shell { kBash, kZsh, kFish };

/// "-o" and "--output" of "-o,--output".
std::vector<std::string> spellings(const Argument& argument) {
  std::vector<std::string> names;
  std::string_view rest = argument.names;
  while (!rest.empty()) {
    names.emplace_back(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.size(), names.back().size() + 1));
  }
  return names;
}

/// The words of "a | b | c"; none where the value is anything.
std::vector<std::string> choices_of(const Argument& argument) {
  constexpr std::string_view kBetween = " | ";
  std::vector<std::string> words;
  if (argument.value.find(kBetween) == std::string::npos) return words;
  std::string_view rest = argument.value;
  while (!rest.empty()) {
    words.emplace_back(rest.substr(0, rest.find(kBetween)));
    rest.remove_prefix(std::min(rest.size(), words.back().size() + kBetween.size()));
  }
  return words;
}

/// The options of a command and those of the program, which all commands have.
std::vector<const Argument*> options_for(const Command& program, const Command& command) {
  std::vector<const Argument*> options;
  for (const Command* one : {&command, &program}) {
    for (const Argument& argument : one->arguments) {
      const auto same = [&](const Argument* other) { return other->names == argument.names; };
      if (argument.positional() || std::ranges::any_of(options, same)) continue;
      options.push_back(&argument);
    }
  }
  return options;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::vector<std::string> command_names(const Command& program) {
  std::vector<std::string> names;
  for (const Command& command : program.commands) names.push_back(command.name);
  return names;
}

std::string bash_script(const Command& program) {
  std::string words;
  std::string values;
  for (const Command& command : program.commands) {
    std::vector<std::string> names;
    for (const Argument* option : options_for(program, command)) {
      for (const std::string& name : spellings(*option)) {
        names.push_back(name);
        if (const std::vector<std::string> choices = choices_of(*option); !choices.empty()) {
          values += fmt::format("    {}:{}) words='{}' ;;\n", command.name, name,
                                fmt::join(choices, " "));
        }
      }
    }
    words += fmt::format("    {}) words='{}' ;;\n", command.name, fmt::join(names, " "));
  }
  return fmt::format(R"(# tv2onnx completion bash > /etc/bash_completion.d/tv2onnx
_tv2onnx() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= word words=
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command:$before in
{}  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case $command in
    '') words='{} --help --version' ;;
{}  esac
  case $command:$current in
    :* | *:-*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -F _tv2onnx tv2onnx
)",
                     values, fmt::join(command_names(program), " "), words);
}

/// As zsh's _arguments takes it, within single quotes.
std::string zsh_text(const std::string& text) {
  std::string safe = replaced(text, "\\", "\\\\");
  for (const char* special : {"[", "]", ":"})
    safe = replaced(safe, special, std::string("\\") + special);
  return replaced(safe, "'", "'\\''");
}

std::string zsh_option(const Argument& option) {
  const std::vector<std::string> choices = choices_of(option);
  const std::string action =
      choices.empty() ? "_files" : fmt::format("({})", fmt::join(choices, " "));
  const std::string value =
      option.is_flag() ? "" : fmt::format(":{}:{}", zsh_text(option.value), action);
  std::string lines;
  for (const std::string& name : spellings(option)) {
    lines += fmt::format(" \\\n        '*{}[{}]{}'", name, zsh_text(option.help), value);
  }
  return lines;
}

std::string zsh_script(const Command& program) {
  std::string names;
  std::string cases;
  for (const Command& command : program.commands) {
    names += fmt::format("    '{}:{}'\n", command.name, zsh_text(command.description));
    std::string options;
    for (const Argument* option : options_for(program, command)) options += zsh_option(*option);
    cases += fmt::format("    {})\n      _arguments{} \\\n        '*:file:_files' ;;\n",
                         command.name, options);
  }
  return fmt::format(R"(#compdef tv2onnx
# tv2onnx completion zsh > ~/.zfunc/_tv2onnx
_tv2onnx() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
{}  esac
}}
_tv2onnx "$@"
)",
                     names, cases);
}

std::string fish_text(const std::string& text) {
  return replaced(replaced(text, "\\", "\\\\"), "'", "\\'");
}

std::string fish_option(const Argument& option, const std::string& condition) {
  std::string line = "complete -c tv2onnx" + condition;
  for (const std::string& name : spellings(option)) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.is_flag()) line += " -r";
  const std::vector<std::string> choices = choices_of(option);
  if (!choices.empty()) line += fmt::format(" -f -a '{}'", fmt::join(choices, " "));
  return line + fmt::format(" -d '{}'\n", fish_text(option.help));
}

std::string fish_script(const Command& program) {
  std::string script =
      "# tv2onnx completion fish > ~/.config/fish/completions/tv2onnx.fish\n"
      "complete -c tv2onnx -n __fish_use_subcommand -f\n";
  for (const Command& command : program.commands) {
    script += fmt::format("complete -c tv2onnx -n __fish_use_subcommand -f -a {} -d '{}'\n",
                          command.name, fish_text(command.description));
    const std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const Argument* option : options_for(program, command)) {
      script += fish_option(*option, condition);
    }
  }
  return script;
}

}  // namespace

void add_completion(Command& program, Invocation& /*invocation*/) {
  Command* command =
      program.add_subcommand("completion", "print what a shell needs to complete command lines");
  auto shell = std::make_shared<Shell>(Shell::kBash);
  add_choice<Shell>(*command, "SHELL", *shell,
                    {{"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}},
                    "bash, zsh or fish")
      ->required();
  command->footer("tv2onnx completion bash > /etc/bash_completion.d/tv2onnx");
  command->run = [&program, shell] {
    const auto script = *shell == Shell::kBash  ? bash_script
                        : *shell == Shell::kZsh ? zsh_script
                                                : fish_script;
    print_answer("{}", script(program));
    return 0;
  };
}

}  // namespace tv2onnx::cli
