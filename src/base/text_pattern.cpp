#include "base/text_pattern.h"

#include <functional>
#include <limits>
#include <utility>

namespace tv2onnx {
namespace {

using Item = TextPattern::Item;
using Sequence = TextPattern::Sequence;
using Set = std::bitset<256>;

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

std::size_t place_of(char character) {
  return static_cast<unsigned char>(character);
}

Set range(char first, char last) {
  Set set;
  for (std::size_t k = place_of(first); k <= place_of(last); ++k) set.set(k);
  return set;
}

Set any_of(std::string_view characters) {
  Set set;
  for (const char one : characters) set.set(place_of(one));
  return set;
}

Set word_characters() {
  return range('a', 'z') | range('A', 'Z') | range('0', '9') | any_of("_");
}

/// What stands behind a backslash.
Set escaped(char character) {
  switch (character) {
    case 'd': return range('0', '9');
    case 'w': return word_characters();
    case 's': return any_of(" \t\n\v\f\r");
    case 'S': return ~any_of(" \t\n\v\f\r");
    case 'n': return any_of("\n");
    default: return any_of(std::string_view(&character, 1));
  }
}

/// Reads an expression from the left to the right.
struct Parser {
  std::string_view left;
  std::size_t groups = 1;

  bool take(std::string_view text) {
    if (!left.starts_with(text)) return false;
    left.remove_prefix(text.size());
    return true;
  }
  char next() {
    const char one = left.front();
    left.remove_prefix(1);
    return one;
  }
  std::size_t number() {
    std::size_t value = 0;
    while (!left.empty() && left.front() >= '0' && left.front() <= '9') {
      value = value * 10 + static_cast<std::size_t>(next() - '0');
    }
    return value;
  }
  Set member() {
    const char one = next();
    return one == '\\' && !left.empty() ? escaped(next()) : any_of(std::string_view(&one, 1));
  }
  Set members() {
    const bool others = take("^");
    Set set;
    while (!left.empty() && !take("]")) {
      const bool is_range = left.size() > 2 && left[0] != '\\' && left[1] == '-' && left[2] != ']';
      set |= is_range ? range(left[0], left[2]) : member();
      if (is_range) left.remove_prefix(3);
    }
    return others ? ~set : set;
  }
  void count(Item& item) {
    if (take("*")) {
      item.least = 0;
      item.most = kUnlimited;
    } else if (take("+")) {
      item.most = kUnlimited;
    } else if (take("?")) {
      item.least = 0;
    } else if (left.size() > 1 && left[0] == '{' && left[1] >= '0' && left[1] <= '9') {
      left.remove_prefix(1);
      item.least = item.most = number();
      if (take(",")) item.most = left.starts_with('}') ? kUnlimited : number();
      take("}");
    } else {
      return;
    }
    item.lazy = take("?");
  }
  Item item() {
    Item one;
    if (take("\\b")) {
      one.kind = Item::Kind::kEdge;
    } else if (take("(")) {
      one.kind = Item::Kind::kGroup;
      if (!take("?:")) one.group = groups++;
      one.alternatives = alternatives();
      take(")");
    } else if (take("[")) {
      one.set = members();
    } else if (take(".")) {
      one.set = ~any_of("\n\r");
    } else {
      one.set = member();
    }
    count(one);
    return one;
  }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as groups are in groups
  std::vector<Sequence> alternatives() {
    std::vector<Sequence> all(1);
    while (!left.empty() && left.front() != ')') {
      if (take("|")) {
        all.emplace_back();
      } else {
        all.back().push_back(item());
      }
    }
    return all;
  }
};

constexpr std::size_t kNowhere = std::string_view::npos;

struct Match {
  std::string_view text;
  std::vector<std::pair<std::size_t, std::size_t>> groups;  ///< begin and end
};

/// Whether what follows matches from a place on.
using Next = std::function<bool(std::size_t at)>;

bool is_edge(std::string_view text, std::size_t at) {
  static const Set kWord = word_characters();
  const bool before = at > 0 && kWord.test(place_of(text[at - 1]));
  const bool behind = at < text.size() && kWord.test(place_of(text[at]));
  return before != behind;
}

bool match_characters(const Match& match, const Item& item, std::size_t at, const Next& rest) {
  std::size_t fitting = 0;
  while (fitting < item.most && at + fitting < match.text.size() &&
         item.set.test(place_of(match.text[at + fitting]))) {
    ++fitting;
  }
  if (fitting < item.least) return false;
  for (std::size_t k = 0; k <= fitting - item.least; ++k) {
    if (rest(at + (item.lazy ? item.least + k : fitting - k))) return true;
  }
  return false;
}

bool match_sequence(Match& match, const Sequence& sequence, std::size_t index, std::size_t at,
                    const Next& next);

/// A group that has matched `times` before. NOLINTNEXTLINE(misc-no-recursion): as std::regex
bool match_group(Match& match, const Item& item, std::size_t times, std::size_t at,
                 const Next& rest) {
  const bool enough = times >= item.least;
  if (item.lazy && enough && rest(at)) return true;
  const auto behind = [&](std::size_t end) {
    if (end == at && enough) return false;  // nothing again and again
    const auto before = std::exchange(match.groups[item.group], {at, end});
    if (match_group(match, item, times + 1, end, rest)) return true;
    match.groups[item.group] = before;
    return false;
  };
  if (times < item.most) {
    for (const Sequence& one : item.alternatives) {
      if (match_sequence(match, one, 0, at, behind)) return true;
    }
  }
  return !item.lazy && enough && rest(at);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the expression is long
bool match_sequence(Match& match, const Sequence& sequence, std::size_t index, std::size_t at,
                    const Next& next) {
  if (index == sequence.size()) return next(at);
  const Item& item = sequence[index];
  const Next rest = [&](std::size_t place) {
    return match_sequence(match, sequence, index + 1, place, next);
  };
  switch (item.kind) {
    case Item::Kind::kEdge: return is_edge(match.text, at) && rest(at);
    case Item::Kind::kGroup: return match_group(match, item, 0, at, rest);
    case Item::Kind::kCharacter: break;
  }
  return match_characters(match, item, at, rest);
}

}  // namespace

TextPattern::TextPattern(std::string_view expression) {
  Parser parser{.left = expression};
  Item& all = whole_.emplace_back();
  all.kind = Item::Kind::kGroup;
  all.alternatives = parser.alternatives();
  groups_ = parser.groups;
}

std::optional<std::vector<std::string_view>> TextPattern::search(std::string_view text,
                                                                 std::size_t from) const {
  Match match{.text = text, .groups = {}};
  for (std::size_t at = from; at <= text.size(); ++at) {
    match.groups.assign(groups_, {kNowhere, kNowhere});
    std::size_t end = at;
    const Next found = [&end](std::size_t place) {
      end = place;
      return true;
    };
    if (!match_sequence(match, whole_, 0, at, found)) continue;
    match.groups[0] = {at, end};
    std::vector<std::string_view> groups;
    for (const auto& [first, last] : match.groups) {
      groups.push_back(first == kNowhere ? text.substr(at, 0) : text.substr(first, last - first));
    }
    return groups;
  }
  return std::nullopt;
}

}  // namespace tv2onnx
