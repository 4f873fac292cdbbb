#pragma once
/// \file
/// An optical flow model on pairs of image files, one after the other: how much moves, pictures and
/// .flo files if asked for, and the report.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/error.h"
#include "tv2onnx/flow.h"
#include "tv2onnx/image.h"
#include "tv2onnx/progress.h"

namespace TV2ONNX_API tv2onnx {

struct FramePair {
  std::filesystem::path first;
  std::filesystem::path second;
};

/// What moved between two images, or why nothing was found out. Lengths are in pixels.
struct EstimatedFlow {
  FramePair pair;
  std::int64_t width = 0;
  std::int64_t height = 0;
  double mean = 0;     ///< length of the movement, over all pixels
  double longest = 0;  ///< likewise
  double right = 0;    ///< mean movement to the right
  double down = 0;     ///< likewise, down
  std::optional<Error> error = {};
};

struct FlowOptions {
  ImageOptions image = {};                            ///< how images are read
  std::vector<std::filesystem::path> pictures = {};   ///< where to draw each; empty: nowhere
  std::vector<std::filesystem::path> flo_files = {};  ///< where to write each; empty: nowhere
  bool overwrite = false;                             ///< what is written
  std::function<void(const EstimatedFlow&)> estimated = {};  ///< called after each pair
  CallControl control = {};
};

struct FlowReport {
  std::string model;  ///< the file
  std::string architecture;
  std::vector<EstimatedFlow> pairs;

  std::size_t failed() const;  ///< pairs with an error
};

/// Runs the model on each pair; draws with draw_flow(). An error that concerns one pair alone is
/// part of the report. \throws Error any other, for example O003 when the disk is full; X003.
FlowReport estimate_flow(const Flow& flow, const std::vector<FramePair>& pairs,
                         const FlowOptions& options = {});

std::string to_json(const FlowReport& report);

/// The error of a pair on one line, beginning with its code and the file that it is about.
std::string error_line(const EstimatedFlow& pair);

}  // namespace TV2ONNX_API tv2onnx
