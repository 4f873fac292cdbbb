#include "cli/class_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/mapped_file.h"
#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

std::vector<std::string> read_class_names(const std::string& path) {
  const std::string content = read_text_file(path);
  if (!is_utf8(content)) {
    throw Error({.code = "U005",
                 .found = "class names that are not UTF-8",
                 .where = {.file = path},
                 .expected = "one name per line, as UTF-8",
                 .hint = "save the file as UTF-8; iconv -t UTF-8 does that"});
  }
  std::string_view text = content;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
  }
  if (lines.empty()) {
    throw Error({.code = "C001",
                 .found = "no class names can be read",
                 .where = {.file = path},
                 .expected = "one name per line"});
  }
  return lines;
}

std::vector<std::string> detector_class_names(const std::string& file, const Contract& contract) {
  if (file.empty()) return contract.class_names;
  return detector_class_names(read_class_names(file), file, contract);
}

std::vector<std::string> detector_class_names(std::vector<std::string> names,
                                              const std::string& file, const Contract& contract) {
  if (names.empty()) return contract.class_names;
  const std::size_t known = contract.class_names.size();
  const bool complete =
      known == 0 ? names[0].find("background") != std::string::npos : names.size() == known;
  if (!complete) names.insert(names.begin(), "__background__");
  if (known == 0 || names.size() == known) return names;
  throw Error({.code = "U002",
               .found = fmt::format("the file has {} class name{}, the model {} classes",
                                    names.size() - 1, names.size() == 2 ? "" : "s", known - 1),
               .where = {.file = file},
               .expected = fmt::format("{}, or {} with the background first", known - 1, known)});
}

}  // namespace tv2onnx::cli
