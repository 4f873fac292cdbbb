#pragma once
// Small text helpers shared by messages: nearest names, sizes, UTF-8 safety.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// The candidate with the smallest edit distance to `name`; if none is near (a third of its
/// length), the shortest that begins with `name`, or "".
std::string nearest_name(std::string_view name, std::span<const std::string_view> candidates);

/// The option of a command line for a setting: `--norm-eps` of `norm_eps`.
std::string flag_of(std::string_view setting);

/// The word as a shell takes it for one: in quotes unless it is plain.
std::string shell_quoted(const std::string& word);

/// What nlohmann's library says of bad JSON, without its own code ("[json.exception...101] ...").
std::string json_problem(std::string_view message);

/// "1 image", "3 images".
std::string counted(std::size_t count, std::string_view noun);

/// "74.1 MiB", "312 B".
std::string size_text(std::uint64_t bytes);

/// Text from a file made safe for a terminal: control characters and invalid UTF-8 are escaped,
/// longer than `limit` bytes is cut and marked.
std::string printable(std::string_view text, std::size_t limit = 200);

/// The same of text of several lines, whose ends and tabs are kept, in full.
std::string printable_lines(std::string_view text);

bool is_utf8(std::string_view text);

/// Columns aligned by padding with blanks; the first row is the heading. Cells are made printable.
std::string table_text(std::vector<std::vector<std::string>> rows);

}  // namespace tv2onnx
