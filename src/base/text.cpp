#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <numeric>

#include "base/longest_shown.h"
#include "base/platform.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kBeginning = 3;  // letters from which a beginning tells what is meant

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

/// Length of the valid UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (text.size() < length) return 0;
  unsigned character = lead & (0xFFU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(k) & 0xC0U) != 0x80U) return 0;
    character = character << 6U | (byte(k) & 0x3FU);
  }
  const bool overlong = character < (length == 4 ? 0x10000U : length == 3 ? 0x800U : 0x80U);
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  return overlong || surrogate || character > 0x10FFFF ? 0 : length;
}

/// C1 control characters, as UTF-8: some terminals obey them like escape sequences.
bool is_c1_control(std::string_view text) {
  return text.starts_with('\xC2') && static_cast<unsigned char>(text[1]) < 0xA0;
}

/// Moves the first character to `safe`, escaped if it is none that a terminal only shows.
void take_printable(std::string_view& text, std::string& safe) {
  const std::size_t length = utf8_length(text);
  const auto byte = static_cast<unsigned char>(text[0]);
  if (length == 0 || byte < 0x20 || byte == 0x7F || is_c1_control(text.substr(0, length))) {
    safe += fmt::format("\\x{:02x}", byte);
    text.remove_prefix(1);
  } else {
    safe += text.substr(0, length);
    text.remove_prefix(length);
  }
}

/// Number of characters a terminal shows, for valid UTF-8.
std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = name.size() / 3 + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  if (!best.empty() || name.size() < kBeginning) return std::string(best);
  // "fasterrcnn_mobilenet": the shortest of those that go on.
  for (const std::string_view candidate : candidates) {
    if (!candidate.starts_with(name)) continue;
    if (best.empty() || candidate.size() < best.size()) best = candidate;
  }
  return std::string(best);
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string flag_of(std::string_view setting) {
  std::string flag = "--" + std::string(setting);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string shell_quoted(const std::string& word) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::strchr(platform::kPlainInShell, c) != nullptr;
  };
  const bool plain = !word.empty() && std::ranges::all_of(word, is_plain);
  return plain ? word : platform::in_quotes(word);
}

std::string json_problem(std::string_view message) {
  if (message.starts_with('[')) message = message.substr(message.find("] ") + 2);
  return printable(message);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // What would be shown as 1024.0 is one of the next unit.
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string safe;
  while (!text.empty()) {
    if (safe.size() >= limit) return safe + "...";
    take_printable(text, safe);
  }
  return safe;
}

std::string printable_lines(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    if (text[0] == '\n' || text[0] == '\t') {
      safe += text[0];
      text.remove_prefix(1);
    } else {
      take_printable(text, safe);
    }
  }
  return safe;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string table_text(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) {
    for (std::string& cell : row) cell = printable(cell, kLongestShown);
  }
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t k = 0; k < row.size(); ++k) {
      widths[k] = std::max(widths[k], display_width(row[k]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) {
      line += row[k];
      if (k + 1 < row.size()) line.append(widths[k] - display_width(row[k]) + 2, ' ');
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace tv2onnx
