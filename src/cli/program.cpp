// The command line: parses, runs one command, turns errors into text and exit codes.

#include <fmt/format.h>

#include <exception>
#include <new>

#include "base/stopwatch.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/parser.h"
#include "cli/platform_program.h"
#include "cli/print.h"
#include "cli/program.h"
#include "tv2onnx/error.h"

namespace {

using tv2onnx::cli::Command;
using tv2onnx::cli::Invocation;
using tv2onnx::cli::Page;
using tv2onnx::cli::Parsed;

void print_cost(const tv2onnx::Stopwatch& watch) {
  tv2onnx::cli::print_log("time {:.2f} s, peak memory {}\n", watch.seconds(),
                          tv2onnx::size_text(tv2onnx::cli::peak_memory()));
}

/// What every command has.
void set_up(Command& program, Invocation& invocation) {
  program.add("-h,--help", Page::kHelp, "show this and exit");
  program.add("--version", Page::kVersion, "show the version and exit");
  program.add_flag("-q,--quiet", invocation.quiet, "print no log and no progress on stderr");
  program.add_flag("-v,--verbose", invocation.verbose, "print more log on stderr");
  program.add_flag("--time", invocation.time, "print time and peak memory on stderr at the end");
  program.add_option("--time-limit", invocation.time_limit, "end after so many seconds")
      ->type_name("SECONDS")
      ->range(1, 1'000'000);
  program.add_option("--memory-limit", invocation.memory_limit, "end when more memory is needed")
      ->type_name("MIB")
      ->range(1, 1'000'000'000);
  program.footer(
      "tv2onnx export pets.pth -o pets.onnx\n"
      "tv2onnx verify pets.onnx --against pets.pth\n"
      "tv2onnx predict pets.onnx photo.jpg -o drawn\n"
      "tv2onnx export --help");
}

int run(int argc, char** argv) {
  const tv2onnx::Stopwatch watch;
  Command program{.name = "tv2onnx",
                  .description = "tv2onnx: torchvision models to ONNX, equal to PyTorch"};
  Invocation invocation;
  set_up(program, invocation);
  tv2onnx::cli::add_export(program, invocation);
  tv2onnx::cli::add_inspect(program, invocation);
  tv2onnx::cli::add_verify(program, invocation);
  tv2onnx::cli::add_predict(program, invocation);
  tv2onnx::cli::add_detect(program, invocation);
  tv2onnx::cli::add_merge(program, invocation);
  tv2onnx::cli::add_evaluate(program, invocation);
  tv2onnx::cli::add_doctor(program, invocation);
  tv2onnx::cli::add_bench(program, invocation);
  tv2onnx::cli::add_quantize(program, invocation);
  tv2onnx::cli::add_serve(program, invocation);
  tv2onnx::cli::add_page(program, invocation);
  tv2onnx::cli::add_triton(program, invocation);
  tv2onnx::cli::add_models(program, invocation);
  tv2onnx::cli::add_explain(program, invocation);
  tv2onnx::cli::add_completion(program, invocation);
  tv2onnx::cli::add_manual(program, invocation);
  const Parsed parsed = parse(program, "tv2onnx " TV2ONNX_VERSION, argc, argv);
  if (parsed.command == nullptr) {
    tv2onnx::cli::print_answer("{}", parsed.text);
    tv2onnx::cli::flush_answer();
    return 0;
  }
  tv2onnx::cli::apply_limits(invocation.time_limit, invocation.memory_limit);
  const int exit_code = parsed.command->run();
  tv2onnx::cli::flush_answer();
  if (invocation.time) print_cost(watch);
  return exit_code;
}

}  // namespace

int tv2onnx::cli::run_program(int argc, char** argv) {
  prepare_process();
  try {
    return run(argc, argv);
  } catch (const tv2onnx::Error& error) {
    tv2onnx::cli::print_log("{}\n", error.what());
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    tv2onnx::cli::print_log("error[X002]: out of memory\n");
    return 4;
  } catch (const std::exception& error) {
    tv2onnx::cli::print_log("error[X001]: {}\n", error.what());
    return 70;
  }
}
