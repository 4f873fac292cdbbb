#pragma once
// Which files of a folder are photos.

#include <filesystem>
#include <vector>

namespace tv2onnx {

/// By the end of its name: .jpg, .jpeg, .png, .webp or .bmp in any case.
bool is_image_name(const std::filesystem::path& path);
bool is_jpeg_name(const std::filesystem::path& path);

/// Those in a folder and the folders in it, sorted. Empty if it cannot be read.
std::vector<std::filesystem::path> image_files_in(const std::filesystem::path& folder);

}  // namespace tv2onnx
