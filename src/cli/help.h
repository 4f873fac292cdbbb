#pragma once
// The text of --help: what the command does, its options with named values and defaults, examples.

#include <CLI/CLI.hpp>
#include <string>

namespace tv2onnx::cli {

/// Options of this group, and of all groups but CLI11's own, are shown by the command's second help
/// flag only (`export --help-settings`).
inline constexpr const char* kSettingsGroup =
    "Settings of the model (torchvision's keyword arguments; tv2onnx models NAME shows the "
    "defaults)";

/// A formatter for CLI::App::formatter_fn. Lines of the app's footer are examples.
std::string help_text(const CLI::App* app, std::string name, CLI::AppFormatMode mode);

}  // namespace tv2onnx::cli
