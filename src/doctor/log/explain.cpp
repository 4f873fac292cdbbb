#include <algorithm>
#include <optional>

#include "base/stable_sort.h"
#include "base/text.h"
#include "base/text_pattern.h"
#include "doctor/log/patterns.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx {
namespace {

using doctor::Detail;
using doctor::Groups;
using doctor::LogPattern;

// How much of a log an expression sees around its needle.
constexpr std::size_t kBefore = 700;
constexpr std::size_t kAfter = 1500;
constexpr std::size_t kShownLine = 240;

struct Row {
  std::string_view speaker;
  const LogPattern* pattern = nullptr;
  TextPattern regex;
};

/// All rows, those that tell most first.
const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> found;
    for (const doctor::LogTable& table : doctor::log_tables()) {
      for (const LogPattern& pattern : table.patterns) {
        found.push_back({table.speaker, &pattern, TextPattern(pattern.regex)});
      }
    }
    sort_stably(found, {}, [](const Row& row) { return row.pattern->detail; });
    return found;
  }();
  return all;
}

/// "{1}" becomes group 1.
std::string filled(std::string_view text, const Groups& groups) {
  std::string result;
  for (std::size_t k = 0; k < text.size(); ++k) {
    const bool placeholder = text[k] == '{' && k + 2 < text.size() && text[k + 2] == '}' &&
                             text[k + 1] >= '1' &&
                             static_cast<std::size_t>(text[k + 1] - '0') < groups.size();
    if (!placeholder) {
      result += text[k];
      continue;
    }
    result += printable(groups[static_cast<std::size_t>(text[k + 1] - '0')]);
    k += 2;
  }
  return result;
}

/// The groups of a message of this kind whose needle is in `line`; nullopt if there is none.
std::optional<Groups> match(const Row& row, std::string_view line, std::string_view log) {
  const std::size_t at = line.find(row.pattern->needle);
  if (at == std::string_view::npos) return std::nullopt;
  if (row.pattern->regex.empty()) return Groups{std::string(row.pattern->needle)};
  const std::size_t begin = at > kBefore ? at - kBefore : 0;
  const auto offset = static_cast<std::size_t>(line.data() - log.data()) + begin;
  const std::string_view window = log.substr(offset, at - begin + kAfter);
  const auto found = row.regex.search(window);
  if (!found) return std::nullopt;
  Groups groups(found->begin(), found->end());
  return row.pattern->read != nullptr ? row.pattern->read(std::move(groups)) : groups;
}

/// The part of a long line that has the message.
std::string shown(std::string_view line, std::string_view needle) {
  const std::size_t at = line.find(needle);
  std::size_t begin = 0;
  if (line.size() > kShownLine && at > kShownLine / 2) begin = at - kShownLine / 2;
  // Not in the middle of a character.
  while (begin < line.size() && (static_cast<unsigned char>(line[begin]) & 0xC0U) == 0x80U) ++begin;
  return (begin > 0 ? "..." : "") + printable(line.substr(begin), kShownLine);
}

/// An explanation and the detail of its row.
struct Ranked {
  Detail detail;
  LogExplanation explanation;
};

std::optional<Ranked> explain_line(std::string_view line, std::size_t number,
                                   std::string_view log) {
  for (const Row& row : rows()) {
    const std::optional<Groups> groups = match(row, line, log);
    if (!groups) continue;
    return Ranked{row.pattern->detail,
                  {.line = number,
                   .text = shown(line, row.pattern->needle),
                   .speaker = std::string(row.speaker),
                   .code = row.pattern->code,
                   .harmless = row.pattern->detail == Detail::kHarmless,
                   .cause = filled(row.pattern->cause, *groups),
                   .remedy = filled(row.pattern->remedy, *groups),
                   .source = std::string(row.pattern->source)}};
  }
  return std::nullopt;
}

}  // namespace

std::vector<doctor::LogTable> doctor::log_tables() {
  return {onnx_runtime_shape_patterns(),
          tensorrt_patterns(),
          openvino_patterns(),
          opencv_patterns(),
          triton_patterns(),
          torch_patterns(),
          torch_checkpoint_patterns(),
          torchvision_patterns(),
          torchscript_patterns(),
          ncnn_patterns(),
          coreml_patterns(),
          compiler_patterns(),
          onnx_patterns(),
          onnx_runtime_model_patterns(),
          onnx_runtime_setup_patterns(),
          onnx_runtime_web_patterns()};
}

std::vector<LogExplanation> explain_log(std::string_view log) {
  std::vector<Ranked> found;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    std::optional<Ranked> ranked = explain_line(log.substr(begin, end - begin), ++number, log);
    const bool is_new = ranked && std::ranges::none_of(found, [&](const Ranked& other) {
                          return other.explanation.code == ranked->explanation.code &&
                                 other.explanation.cause == ranked->explanation.cause;
                        });
    if (is_new) found.push_back(std::move(*ranked));
    begin = end + 1;
  }
  sort_stably(found, {}, &Ranked::detail);
  std::vector<LogExplanation> explanations;
  for (Ranked& ranked : found) explanations.push_back(std::move(ranked.explanation));
  return explanations;
}

}  // namespace tv2onnx
