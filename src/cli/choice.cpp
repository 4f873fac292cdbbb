#include "cli/choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

std::string choice_text(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " | "));
}

std::size_t chosen(const std::string& text, const std::vector<std::string>& words,
                   const std::string& flag) {
  const auto found = std::ranges::find(words, text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const std::vector<std::string_view> candidates(words.begin(), words.end());
  const std::string nearest = nearest_name(text, candidates);
  throw Error({.code = "U001",
               .found = fmt::format("{} has no value '{}'", flag, printable(text)),
               .expected = choice_text(words),
               .hint = nearest.empty() ? "" : fmt::format("did you mean {} {}?", flag, nearest)});
}

}  // namespace tv2onnx::cli
