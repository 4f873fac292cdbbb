#pragma once
// What the classes and functions that a pickle names mean. Nothing here is ever called; the lists
// only say what torch.load would do.

#include <string_view>

namespace tv2onnx {

/// Known to do nothing but hold or rebuild data: torch's rebuild functions, storages, containers,
/// torch.nn and torchvision classes.
bool is_harmless_global(std::string_view module, std::string_view name);

/// Has no place in any checkpoint: starts programs, evaluates code, opens files or connections.
bool is_attack_global(std::string_view module, std::string_view name);

}  // namespace tv2onnx
