#include "cli/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <type_traits>

namespace tv2onnx::cli {
namespace {

/// What a variable has, as the help shows it; "" of what is none.
struct AsText {
  std::string operator()(std::string* text) const { return *text; }
  std::string operator()(std::vector<int>* numbers) const {
    return fmt::format("{}", fmt::join(*numbers, ","));
  }
  template <typename Number>
    requires std::is_arithmetic_v<Number>
  std::string operator()(Number* number) const {
    return fmt::format("{:g}", static_cast<double>(*number));
  }
  template <typename Other>
  std::string operator()(const Other& /*other*/) const {
    return "";
  }
};

}  // namespace

bool Argument::is_flag() const {
  return std::holds_alternative<bool*>(target) || std::holds_alternative<Switch>(target) ||
         std::holds_alternative<Page>(target);
}

Argument* Argument::type_name(std::string text) {
  value = std::move(text);
  return this;
}

Argument* Argument::default_str(std::string text) {
  standard = std::move(text);
  return this;
}

Argument* Argument::capture_default_str() {
  return default_str(std::visit(AsText{}, target));
}

Argument* Argument::group(std::string text) {
  in_group = std::move(text);
  return this;
}

Argument* Argument::required() {
  is_required = true;
  return this;
}

Argument* Argument::repeatable() {
  one_by_one = true;
  return this;
}

Argument* Argument::delimiter(char character) {
  separator = character;
  return repeatable();
}

Argument* Argument::range(int least, int most) {
  limits = std::array{least, most};
  return this;
}

Argument* Argument::range(double least, double most, std::string text) {
  limits = std::array{least, most};
  limits_text = std::move(text);
  return this;
}

Argument* Argument::needs(const Argument* other) {
  needed.push_back(other);
  return this;
}

Argument* Argument::excludes(const Argument* other) {
  excluded.push_back(other);
  return this;
}

Argument* Command::add(std::string names, Target target, std::string help) {
  return &arguments.emplace_back(
      Argument{.names = std::move(names), .target = std::move(target), .help = std::move(help)});
}

Command* Command::add_subcommand(std::string command, std::string what_it_does) {
  Command& added = commands.emplace_back(
      Command{.name = std::move(command), .description = std::move(what_it_does)});
  added.add("-h,--help", Page::kHelp, "show this and exit");
  return &added;
}

}  // namespace tv2onnx::cli
