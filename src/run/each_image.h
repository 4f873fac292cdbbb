#pragma once
// What running a file on many images has in common, whatever it finds.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/error.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// Errors of one image, after which the others can go on.
bool concerns_one_image(ErrorCode code);

/// "cat 0.97", in letters that the drawing font has: names in other scripts become "class 3".
std::string label_text(const std::vector<std::string>& names, std::int64_t label, float score);

/// As JPEG for .jpg, else as PNG. \throws Error O003, O004.
void write_picture(const Tensor& picture, const std::filesystem::path& target, bool overwrite);

/// \throws Error U003 unless there is a picture for each image, or none at all.
void require_pictures(std::size_t pictures, std::size_t images);

/// The error of an image on one line, beginning with its code and the file.
std::string error_line(const std::filesystem::path& file, const Error& error);

}  // namespace tv2onnx
