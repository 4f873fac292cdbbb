#pragma once
// Which images `tv2onnx detect` reads, and where their pictures go.

#include <filesystem>
#include <string>
#include <vector>

namespace tv2onnx::cli {

/// Files as given, and the images in folders (*.jpg, *.jpeg, *.png, *.webp, *.bmp in any case),
/// sorted by path. A file that is missing stays in the list: it fails when its turn comes.
/// \throws Error I005 (a folder without images).
std::vector<std::filesystem::path> collect_images(const std::vector<std::string>& inputs,
                                                  bool recursive);

/// One target in `folder` for each image: the same name, as .jpg for JPEGs and .png for all others;
/// where two are equal the later ones get _2, _3, ... Creates the folder.
/// \throws Error O003, O004 (a target exists and `overwrite` is false), U003 (a target is one of
/// the images).
std::vector<std::filesystem::path> plan_pictures(const std::vector<std::filesystem::path>& images,
                                                 const std::filesystem::path& folder,
                                                 bool overwrite);

}  // namespace tv2onnx::cli
