#include "cli/print.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "cli/platform_program.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

void put_answer(std::string_view text) {
  const std::string safe = printable_lines(text);
  std::fwrite(safe.data(), 1, safe.size(), stdout);
}

void put_log(std::string_view text) {
  put_log_as_it_is(printable_lines(text));
}

void put_log_as_it_is(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void flush_answer() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  const int problem = errno;
  if (problem == EPIPE) end_as_nobody_reads();  // as `head`, which has seen enough
  throw Error({.code = "O003",
               .found = fmt::format("cannot write the answer: {}", std::strerror(problem)),
               .where = {.file = "standard output"}});
}

}  // namespace tv2onnx::cli
