#pragma once
// Writing models with what belongs to them.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/mapped_file.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::serve {

/// \throws Error O003
void make_folder(const std::filesystem::path& folder);

/// Writes a file, and makes its folder where it is not there. \throws Error O003, O004
void write_below(const std::filesystem::path& path, std::span<const std::byte> bytes,
                 bool overwrite);

/// The bytes of a model that is complete without other files. \throws Error C001, R008
std::shared_ptr<const MappedFile> complete_file(const std::filesystem::path& model,
                                                const SessionOptions& session);

}  // namespace tv2onnx::serve
