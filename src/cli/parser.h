#pragma once
// Reads a command line.

#include <string>

#include "cli/options.h"

namespace tv2onnx::cli {

/// What a command line asks for: a text to show, or a command to run.
struct Parsed {
  std::string text = {};
  const Command* command = nullptr;  ///< if there is no text
};

/// Fills the variables of the options that are given. `version` is what --version shows.
/// \throws Error as usage_error(); what functions of options throw.
Parsed parse(Command& program, const std::string& version, int argc, char** argv);

}  // namespace tv2onnx::cli
