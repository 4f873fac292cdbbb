#pragma once
// Regular expressions, as much of them as the tables of the doctor use. std::regex would bring all
// of std::locale into the Python package, a tenth of its size, and recurses for every character.

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// An expression with the syntax and the answers of ECMAScript: characters, sets, \\d \\w \\s \\S
/// \\b \\n, groups with and without a number, alternatives, and * + ? {2} {2,} {2,9}, also lazy.
class TextPattern {
 public:
  /// What is not of these is a character, so that no expression is wrong.
  explicit TextPattern(std::string_view expression);

  /// Of the first match at or after `from`: all of it, then its groups, empty ones where a group
  /// has no part in it. They point into the text.
  std::optional<std::vector<std::string_view>> search(std::string_view text,
                                                      std::size_t from = 0) const;

  struct Item;
  using Sequence = std::vector<Item>;
  /// A character of a set, a group, or the edge of a word; so often.
  struct Item {
    enum class Kind { kCharacter, kGroup, kEdge };
    Kind kind = Kind::kCharacter;
    std::bitset<256> set = {};
    std::vector<Sequence> alternatives = {};
    std::size_t group = 0;  ///< its number; 0: none
    std::size_t least = 1;
    std::size_t most = 1;
    bool lazy = false;
  };

 private:
  Sequence whole_;  ///< one group
  std::size_t groups_ = 1;
};

}  // namespace tv2onnx
