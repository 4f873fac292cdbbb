#pragma once
// The only way to the terminal. Much of what is printed comes from files, which may be anybody's:
// what is no plain text is escaped here, whatever was done before. A line end in a name could still
// pretend to be another line, so names are made printable() where lines are put together.

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace tv2onnx::cli {

/// To stdout. Whether all of it arrived is told by flush_answer().
void put_answer(std::string_view text);
/// To stderr, if it takes it: that nobody reads the log changes nothing.
void put_log(std::string_view text);
/// The same for what this program itself puts on a terminal, with escape sequences.
void put_log_as_it_is(std::string_view text);

/// \throws Error O003 if what was printed did not arrive, for example on a full disk.
void flush_answer();

template <typename... Args>
void print_answer(fmt::format_string<Args...> format, Args&&... args) {
  put_answer(fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void print_log(fmt::format_string<Args...> format, Args&&... args) {
  put_log(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tv2onnx::cli
