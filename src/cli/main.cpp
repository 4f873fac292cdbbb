// The command line: parses, runs one command, turns errors into text and exit codes.

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>

#include "base/output_file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/usage_error.h"
#include "tv2onnx/error.h"

namespace {

using tv2onnx::cli::Invocation;

/// An interrupt leaves no half-written file behind, and the shell sees that it was one.
void end_by_signal(int signal) {
  tv2onnx::remove_unfinished_outputs();
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
  raise(signal);
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = end_by_signal;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  // A file size limit then is an error of write(), as a full disk is.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &ignore, nullptr);
}

void print_cost(std::chrono::steady_clock::time_point start) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(stderr, "time {:.2f} s, peak memory {}\n", seconds.count(),
             tv2onnx::size_text(static_cast<std::uint64_t>(usage.ru_maxrss) * 1024));
}

/// \throws Error O003 if what was printed did not arrive, for example on a full disk.
void flush_answer() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw tv2onnx::Error({.code = "O003",
                        .found = fmt::format("cannot write the answer: {}", std::strerror(errno)),
                        .where = {.file = "standard output"}});
}

/// What every command has, and the text of the help.
void set_up(CLI::App& app, Invocation& invocation) {
  app.formatter_fn(tv2onnx::cli::help_text);
  app.set_help_flag("-h,--help", "show this and exit");
  app.set_version_flag("--version", "tv2onnx " TV2ONNX_VERSION, "show the version and exit");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("-q,--quiet", invocation.quiet, "print no log and no progress on stderr");
  app.add_flag("-v,--verbose", invocation.verbose, "print more log on stderr");
  app.add_flag("--time", invocation.time, "print time and peak memory on stderr at the end");
  app.footer(
      "tv2onnx export pets.pth -o pets.onnx\n"
      "tv2onnx verify pets.onnx --against pets.pth\n"
      "tv2onnx detect pets.onnx photo.jpg -o drawn\n"
      "tv2onnx export --help");
}

int run(int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  CLI::App app{"tv2onnx: torchvision detectors to ONNX, equal to PyTorch", "tv2onnx"};
  Invocation invocation;
  set_up(app, invocation);
  tv2onnx::cli::add_export(app, invocation);
  tv2onnx::cli::add_inspect(app, invocation);
  tv2onnx::cli::add_verify(app, invocation);
  tv2onnx::cli::add_detect(app, invocation);
  tv2onnx::cli::add_doctor(app, invocation);
  tv2onnx::cli::add_bench(app, invocation);
  tv2onnx::cli::add_models(app, invocation);
  tv2onnx::cli::add_explain(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& problem) {
    throw tv2onnx::cli::usage_error(app, problem);
  }
  const int exit_code = invocation.run();
  flush_answer();
  if (invocation.time) print_cost(start);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  handle_signals();
  // Where ONNX Runtime shares libonnx with the system (Debian 13), that complains on std::cerr of
  // operators that are registered twice. This program writes to stderr by other means.
  std::cerr.rdbuf(nullptr);
  try {
    return run(argc, argv);
  } catch (const tv2onnx::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error[X002]: out of memory\n");
    return 4;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error[X001]: {}\n", error.what());
    return 70;
  }
}
