#pragma once
// The text of --help: what the command does, its options with named values and defaults, examples.

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace tv2onnx::cli {

/// Options of this group, and of all groups but the standard one, are shown by the command's second
/// help flag only (`export --help-settings`).
inline constexpr const char* kSettingsGroup =
    "Settings of the model (torchvision's keyword arguments; tv2onnx models NAME shows the "
    "defaults)";

/// The help of a command, or of the program if there is none.
std::string help_text(const Command& program, const Command* command);

/// "CHECKPOINT", "IMAGE..." or "-o, --output MODEL.onnx".
std::string typed_text(const Argument& argument);
/// The explanation, then in brackets what else is to be known.
std::string explanation_of(const Argument& argument);

/// The lines of its examples.
std::vector<std::string_view> example_lines(const Command& command);

/// The groups that only the second help flag shows.
std::string further_help_text(const Command& command);

}  // namespace tv2onnx::cli
