#include "cli/parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/help.h"
#include "cli/usage_error.h"

namespace tv2onnx::cli {
namespace {

/// What CLI11 has for each of the program's commands and arguments.
struct Known {
  std::map<const CLI::App*, const Command*> commands = {};
  std::map<const Argument*, CLI::Option*> arguments = {};
};

/// Adds an argument to CLI11's command, by the kind of its target.
struct Add {
  CLI::App& app;
  const Argument& row;
  const std::string& version;

  CLI::Option* operator()(bool* flag) const { return app.add_flag(row.names, *flag, row.help); }
  CLI::Option* operator()(const Switch& take) const {
    return app.add_flag_function(
        row.names, [take](std::int64_t count) { take(count > 0); }, row.help);
  }
  CLI::Option* operator()(const Take& take) const {
    if (row.one_by_one) {
      const auto take_all = [take](const std::vector<std::string>& values) {
        for (const std::string& value : values) take(value);
      };
      return app.add_option_function<std::vector<std::string>>(row.names, take_all, row.help);
    }
    return app.add_option_function<std::string>(row.names, take, row.help);
  }
  CLI::Option* operator()(Page page) const {
    switch (page) {
      case Page::kHelp: return app.set_help_flag(row.names, row.help);
      case Page::kFurtherHelp: return app.set_help_all_flag(row.names, row.help);
      case Page::kVersion: break;
    }
    return app.set_version_flag(row.names, version, row.help);
  }
  template <typename Value>
  CLI::Option* operator()(Value* variable) const {
    return app.add_option(row.names, *variable, row.help);
  }
  template <typename Value>
  CLI::Option* operator()(std::optional<Value>* variable) const {
    return app.add_option_function<Value>(
        row.names, [variable](const Value& value) { *variable = value; }, row.help);
  }
};

void add_arguments(CLI::App& app, const Command& command, const std::string& version,
                   Known& known) {
  known.commands[&app] = &command;
  for (const Argument& row : command.arguments) {
    CLI::Option* option = std::visit(Add{app, row, version}, row.target);
    known.arguments[&row] = option;
    option->required(row.is_required);
    if (!row.value.empty()) option->type_name(row.value);
    if (row.one_by_one) option->allow_extra_args(false);
    if (row.separator != 0) option->delimiter(row.separator);
    if (const auto* whole = std::get_if<std::array<int, 2>>(&row.limits)) {
      option->check(CLI::Range((*whole)[0], (*whole)[1]));
    } else if (const auto* real = std::get_if<std::array<double, 2>>(&row.limits)) {
      option->check(CLI::Range((*real)[0], (*real)[1], row.limits_text));
    }
  }
  for (const Argument& row : command.arguments) {
    for (const Argument* other : row.needed) {
      known.arguments.at(&row)->needs(known.arguments.at(other));
    }
    for (const Argument* other : row.excluded) {
      known.arguments.at(&row)->excludes(known.arguments.at(other));
    }
  }
}

template <typename Kind>
bool is(const CLI::ParseError& error) {
  return dynamic_cast<const Kind*>(&error) != nullptr;
}

UsageProblem problem_of(const CLI::App& app, const Command* command, const CLI::ParseError& error) {
  UsageProblem problem{.text = error.what(), .command = command, .unwanted = app.remaining(true)};
  if (is<CLI::ExtrasError>(error)) {
    problem.kind = UsageProblem::Kind::kExtraWord;
  } else if (is<CLI::ConversionError>(error) || is<CLI::ValidationError>(error)) {
    problem.kind = UsageProblem::Kind::kBadValue;
  } else if (is<CLI::ExcludesError>(error) || is<CLI::RequiresError>(error)) {
    problem.kind = UsageProblem::Kind::kContradiction;
  }
  return problem;
}

/// Notes how often each argument was given.
void count_given(Command& command, const Known& known) {
  for (Argument& row : command.arguments) row.count = known.arguments.at(&row)->count();
}

void require_one_of(const Command& command) {
  const auto absent = [](const Argument* argument) { return argument->count == 0; };
  if (command.one_of.empty() || !std::ranges::all_of(command.one_of, absent)) return;
  throw CLI::RequiredError(command.one_of.front()->name());
}

}  // namespace

Parsed parse(Command& program, const std::string& version, int argc, char** argv) {
  CLI::App app{program.description, program.name};
  Known known;
  app.require_subcommand(1);
  app.fallthrough();
  add_arguments(app, program, version, known);
  for (const Command& command : program.commands) {
    add_arguments(*app.add_subcommand(command.name, command.description), command, version, known);
  }
  const auto chosen = [&]() -> const Command* {
    const std::vector<CLI::App*> given = app.get_subcommands();
    return given.empty() ? nullptr : known.commands.at(given.front());
  };
  try {
    app.parse(argc, argv);
    for (Command& command : program.commands) count_given(command, known);
    require_one_of(*chosen());
  } catch (const CLI::CallForHelp&) {
    return {.text = help_text(program, chosen())};
  } catch (const CLI::CallForAllHelp&) {
    return {.text = further_help_text(*chosen())};
  } catch (const CLI::CallForVersion&) {
    return {.text = version + "\n"};
  } catch (const CLI::ParseError& error) {
    throw usage_error(program, problem_of(app, chosen(), error));
  }
  return {.command = chosen()};
}

}  // namespace tv2onnx::cli
