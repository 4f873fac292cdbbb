#pragma once
// A command line as data: the program, its commands, their options. parser.cpp reads one by it,
// help.cpp shows it, usage_error.cpp says what is wrong.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tv2onnx::cli {

inline constexpr const char* kStandardGroup = "Options";

/// What a flag shows instead of running a command.
enum class Page { kHelp, kFurtherHelp, kVersion };

/// Where a value goes: into a variable, or to a function. What takes a bool is a flag.
using Take = std::function<void(const std::string&)>;
using Switch = std::function<void(bool)>;
using Target =
    std::variant<bool*, Switch, std::string*, std::vector<std::string>*, int*, unsigned*,
                 std::uint64_t*, double*, std::vector<int>*, std::optional<int>*,
                 std::optional<std::int64_t>*, std::optional<std::uint64_t>*, Take, Page>;

/// An option, a flag, or what is known by its place. The functions change it and return it.
struct Argument {
  std::string names;  ///< "-o,--output"; "MODEL" for what is known by its place
  Target target;
  std::string help;
  std::string value = {};     ///< what the help calls its value
  std::string standard = {};  ///< the default, for the help
  std::string in_group = kStandardGroup;
  bool is_required = false;
  bool one_by_one = false;  ///< of a list: each value after the option's name
  char separator = 0;       ///< of a list in one word
  std::variant<std::monostate, std::array<int, 2>, std::array<double, 2>> limits = {};
  std::string limits_text = {};  ///< what errors call them, if not by their numbers
  std::vector<const Argument*> needed = {};
  std::vector<const Argument*> excluded = {};
  std::size_t count = 0;  ///< how often the command line had it

  bool positional() const { return !names.starts_with('-'); }
  bool is_flag() const;
  /// "--output" or "MODEL"
  std::string name() const { return names.substr(names.rfind(',') + 1); }

  Argument* type_name(std::string text);
  Argument* default_str(std::string text);
  Argument* capture_default_str();  ///< the default is what the variable has
  Argument* group(std::string text);
  Argument* required();
  Argument* repeatable();
  Argument* delimiter(char character);
  Argument* range(int least, int most);
  Argument* range(double least, double most, std::string text = "");
  Argument* needs(const Argument* other);
  Argument* excludes(const Argument* other);
};

/// A command, or the program with its commands.
struct Command {
  std::string name;
  std::string description;
  std::string examples = {};
  std::list<Argument> arguments = {};  // what was added stays where it is
  std::list<Command> commands = {};
  std::vector<const Argument*> one_of = {};  ///< if any: at least one must be given
  std::function<int()> run = {};  ///< returns the exit code: 0, or 1 for a negative verdict

  template <typename Variable>  // NOLINTNEXTLINE(performance-*): moved, where it is instantiated
  Argument* add_option(std::string names, Variable& variable, std::string help) {
    return add(std::move(names), &variable, std::move(help));
  }
  Argument* add_option_function(std::string names, Take take, std::string help) {
    return add(std::move(names), std::move(take), std::move(help));
  }
  Argument* add_flag(std::string names, bool& variable, std::string help) {
    return add(std::move(names), &variable, std::move(help));
  }
  Argument* add_flag_function(std::string names, Switch take, std::string help) {
    return add(std::move(names), std::move(take), std::move(help));
  }
  Argument* add(std::string names, Target target, std::string help);
  Command* add_subcommand(std::string command, std::string what_it_does);
  /// Lines of the help.
  void footer(std::string lines) { examples = std::move(lines); }
};

}  // namespace tv2onnx::cli
