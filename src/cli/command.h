#pragma once
// What the files of the commands share. A command is one file with one function that adds a
// subcommand to the parser and says what runs when it was chosen.

#include <cstdint>

#include "cli/options.h"

namespace tv2onnx::cli {

/// Options every command has.
struct Invocation {
  bool quiet = false;              ///< -q: no log, no progress
  bool verbose = false;            ///< -v: more log
  bool time = false;               ///< --time: time and peak memory at the end
  unsigned time_limit = 0;         ///< --time-limit: seconds after which the program ends; 0: none
  std::uint64_t memory_limit = 0;  ///< --memory-limit: MiB that it may have; 0: any
};

inline constexpr int kSomeFailed = 3;  ///< exit code: some of several files could not be read

void add_export(Command& program, Invocation& invocation);
void add_inspect(Command& program, Invocation& invocation);
void add_verify(Command& program, Invocation& invocation);
void add_predict(Command& program, Invocation& invocation);
void add_detect(Command& program, Invocation& invocation);
void add_merge(Command& program, Invocation& invocation);
void add_evaluate(Command& program, Invocation& invocation);
void add_doctor(Command& program, Invocation& invocation);
void add_bench(Command& program, Invocation& invocation);
void add_quantize(Command& program, Invocation& invocation);
void add_serve(Command& program, Invocation& invocation);
void add_page(Command& program, Invocation& invocation);
void add_triton(Command& program, Invocation& invocation);
void add_models(Command& program, Invocation& invocation);
void add_explain(Command& program, Invocation& invocation);
void add_completion(Command& program, Invocation& invocation);
void add_manual(Command& program, Invocation& invocation);

}  // namespace tv2onnx::cli
