#pragma once
// A list of images: a text file with one path on each line.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

struct ImageList {
  std::string text;                     ///< the whole file
  std::vector<std::string_view> lines;  ///< without empty ones, in `text`
  std::string hash;                     ///< of `text`

  ImageList() = default;
  ImageList(ImageList&&) = delete;  // the lines would show what has moved
};

/// Reads a list into `list`. \throws Error C001; I005 (nothing in it), U002 (a path comes twice:
/// its results would count twice).
void read_image_list(const std::filesystem::path& path, ImageList& list);

}  // namespace tv2onnx
