#pragma once
// Options that take one of a few words: `--input float | uint8 | auto`.

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/options.h"

namespace tv2onnx::cli {

/// "float | uint8 | auto"
std::string choice_text(const std::vector<std::string>& words);

/// The place of `text` among the words. \throws Error U001 with the nearest one.
std::size_t chosen(const std::string& text, const std::vector<std::string>& words,
                   const std::string& flag);

/// Adds an option whose words stand for values. A word for the value that `target` has is shown as
/// the default.
template <typename Value, typename Variable>
Argument* add_choice(Command& command, const std::string& flag, Variable& target,
                     std::span<const std::pair<std::string_view, Value>> choices,
                     const std::string& help) {
  std::vector<std::string> words;
  std::vector<Value> values;
  for (const auto& [word, value] : choices) {
    words.emplace_back(word);
    values.push_back(value);
  }
  const auto take = [&target, values, words, flag](const std::string& text) {
    target = values[chosen(text, words, flag)];
  };
  Argument* option = command.add_option_function(flag, take, help);
  const auto standard = std::ranges::find(values, target);
  if (standard != values.end())
    option->default_str(words[static_cast<std::size_t>(standard - values.begin())]);
  return option->type_name(choice_text(words));
}

template <typename Value, typename Variable>
Argument* add_choice(Command& command, const std::string& flag, Variable& target,
                     std::initializer_list<std::pair<std::string_view, Value>> choices,
                     const std::string& help) {
  return add_choice<Value>(command, flag, target, std::span(choices.begin(), choices.size()), help);
}

}  // namespace tv2onnx::cli
