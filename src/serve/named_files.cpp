#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "serve/model.h"

namespace tv2onnx::serve {
namespace {

namespace fs = std::filesystem;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

NamedFile named_file(const std::string& word) {
  const std::size_t equals = word.find('=');
  std::error_code ignored;
  const bool named = equals != std::string::npos && !fs::exists(word, ignored);
  NamedFile result{named ? word.substr(0, equals) : fs::path(word).stem().string(),
                   named ? word.substr(equals + 1) : word};
  constexpr std::size_t kLongest = 100;
  const bool good = !result.name.empty() && result.name.size() <= kLongest &&
                    result.name.front() != '.' && std::ranges::all_of(result.name, is_plain);
  if (good) return result;
  throw Error({.code = "U002",
               .found = fmt::format("the name '{}' of a model", printable(result.name)),
               .where = {.file = result.file.string()},
               .expected = "letters, digits, '_', '-' and '.', as it is part of addresses",
               .hint = fmt::format("tv2onnx serve model={}", shell_quoted(result.file.string()))});
}

}  // namespace

std::vector<NamedFile> named_files(const std::vector<std::string>& words) {
  std::vector<NamedFile> files;
  for (const std::string& word : words) {
    NamedFile next = named_file(word);
    const auto other = std::ranges::find(files, next.name, &NamedFile::name);
    if (other != files.end()) {
      throw Error(
          {.code = "U002",
           .found = fmt::format("two models of the name '{}'", next.name),
           .where = {.file = next.file.string()},
           .expected = "a name of its own for each",
           .hint = fmt::format("tv2onnx serve {} {}_2={}", shell_quoted(other->file.string()),
                               next.name, shell_quoted(next.file.string()))});
    }
    files.push_back(std::move(next));
  }
  return files;
}

}  // namespace tv2onnx::serve
