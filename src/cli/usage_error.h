#pragma once
// What is wrong with a command line, in words of the user's.

#include <CLI/CLI.hpp>

#include "tv2onnx/error.h"

namespace tv2onnx::cli {

/// Names the word that is wrong and the nearest valid one. `app` has been parsed as far as it went.
Error usage_error(CLI::App& app, const CLI::ParseError& problem);

}  // namespace tv2onnx::cli
