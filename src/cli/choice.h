#pragma once
// Options that take one of a few words: `--input float | uint8 | auto`.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tv2onnx/contract.h"

namespace tv2onnx::cli {

/// "float | uint8 | auto"
std::string choice_text(const std::vector<std::string>& words);

/// The place of `text` among the words. \throws Error U001 with the nearest one.
std::size_t chosen(const std::string& text, const std::vector<std::string>& words,
                   const std::string& flag);

/// Adds an option whose words stand for values. A word for the value that `target` has is shown as
/// the default.
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& flag, Value& target,
                        const std::vector<std::pair<std::string, Value>>& choices,
                        const std::string& help) {
  std::vector<std::string> words;
  for (const auto& [word, value] : choices) words.push_back(word);
  const auto take = [&target, choices, words, flag](const std::string& text) {
    target = choices[chosen(text, words, flag)].second;
  };
  CLI::Option* option = command.add_option_function<std::string>(flag, take, help);
  const auto standard = std::ranges::find(choices, target, &std::pair<std::string, Value>::second);
  if (standard != choices.end()) option->default_str(standard->first);
  return option->type_name(choice_text(words));
}

/// The words and values of a table of modes.
template <typename Mode, std::size_t kCount>
std::vector<std::pair<std::string, Mode>> choices_of(const ModeNames<Mode, kCount>& names) {
  return {names.begin(), names.end()};
}

}  // namespace tv2onnx::cli
