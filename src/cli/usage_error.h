#pragma once
// What is wrong with a command line, in words of the user's.

#include <stdexcept>
#include <string>
#include <vector>

#include "cli/options.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

/// What the parser says of a command line.
struct UsageProblem {
  enum class Kind { kExtraWord, kBadValue, kContradiction, kOther };
  Kind kind = Kind::kOther;
  std::string text;
  const Command* command = nullptr;        ///< the one that was given, if any
  std::vector<std::string> unwanted = {};  ///< words that nothing took
};

/// A fault of the command line, before it is known what else is wrong with it.
struct UsageFault : std::runtime_error {
  UsageFault(UsageProblem::Kind kind_, const std::string& text)
      : std::runtime_error(text), kind(kind_) {}
  UsageProblem::Kind kind;
};

/// Names the word that is wrong and the nearest valid one.
Error usage_error(const Command& program, const UsageProblem& problem);

}  // namespace tv2onnx::cli
