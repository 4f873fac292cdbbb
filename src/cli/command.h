#pragma once
// What the files of the commands share. A command is one file with one function that adds a
// subcommand to the parser and says what runs when it was chosen.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace tv2onnx::cli {

/// Options every command has, and the action of the command that was chosen.
struct Invocation {
  bool quiet = false;              ///< -q: no log, no progress
  bool verbose = false;            ///< -v: more log
  bool time = false;               ///< --time: time and peak memory at the end
  unsigned time_limit = 0;         ///< --time-limit: seconds after which the program ends; 0: none
  std::uint64_t memory_limit = 0;  ///< --memory-limit: MiB that it may have; 0: any
  std::function<int()> run;        ///< returns the exit code: 0, or 1 for a negative verdict
};

void add_export(CLI::App& app, Invocation& invocation);
void add_inspect(CLI::App& app, Invocation& invocation);
void add_verify(CLI::App& app, Invocation& invocation);
void add_predict(CLI::App& app, Invocation& invocation);
void add_detect(CLI::App& app, Invocation& invocation);
void add_evaluate(CLI::App& app, Invocation& invocation);
void add_doctor(CLI::App& app, Invocation& invocation);
void add_bench(CLI::App& app, Invocation& invocation);
void add_models(CLI::App& app, Invocation& invocation);
void add_explain(CLI::App& app, Invocation& invocation);

}  // namespace tv2onnx::cli
