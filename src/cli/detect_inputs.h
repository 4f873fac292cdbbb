#pragma once
// Which images `tv2onnx detect` reads, and where their pictures go.

#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/error.h"

namespace tv2onnx::cli {

/// Files as given, and the images in folders (*.jpg, *.jpeg, *.png, *.webp, *.bmp in any case),
/// sorted by path. A file that is missing stays in the list: it fails when its turn comes.
struct Images {
  std::vector<std::filesystem::path> files;
  std::vector<Error> problems;  ///< folders inside that cannot be read, links that lead in circles
};
/// \throws Error I005 (a folder without images), C001 (one that cannot be read).
Images collect_images(const std::vector<std::string>& inputs, bool recursive);

/// One target in `folder` for each image: the same name, as .jpg for JPEGs and .png for all others;
/// where two are equal the later ones get _2, _3, ... Creates the folder. \param ending instead of
/// .jpg and .png: "_flow.png"; "": none
/// \throws Error O003, O004 (a target exists and `overwrite` is false), U003 (a target is one of
/// the images).
std::vector<std::filesystem::path> plan_pictures(const std::vector<std::filesystem::path>& images,
                                                 const std::filesystem::path& folder,
                                                 bool overwrite, const std::string& ending = "");

/// \throws Error U003 if both are one folder, so that what one gets would overwrite the other.
void require_other_folder(const std::string& folder, const std::string& other);

/// \throws Error U003 if `output` is one of the pictures, which are in one folder, or `other`.
void require_other_file(const std::string& output, const std::string& other,
                        const std::vector<std::filesystem::path>& pictures);

}  // namespace tv2onnx::cli
