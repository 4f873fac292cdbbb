#pragma once
// Which clips and pairs of frames `tv2onnx predict` reads.

#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/classify.h"
#include "tv2onnx/error.h"
#include "tv2onnx/estimate_flow.h"

namespace tv2onnx::cli {

struct Clips {
  std::vector<Clip> clips;
  std::vector<Error> problems;  ///< as Images::problems
};
/// One folder is one clip. Its frames are in the order of their names, where frame_2 is before
/// frame_10. \throws Error U002 (a file), and as collect_images.
Clips collect_clips(const std::vector<std::string>& inputs, bool recursive);

/// What pictures of clips are named after: the folder, with the ending of its frames.
std::vector<std::filesystem::path> picture_names(const std::vector<Clip>& clips);

struct Pairs {
  std::vector<FramePair> pairs;
  std::vector<Error> problems;  ///< as Images::problems
};
/// Of files each with the next one, in the order given; of folders likewise, each for itself, in
/// the order of names. \throws Error U002 (one file alone, files and folders), I005 (a folder with
/// fewer than two images), and as collect_images.
Pairs collect_pairs(const std::vector<std::string>& inputs, bool recursive);

}  // namespace tv2onnx::cli
