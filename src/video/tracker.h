#pragma once
// Ids of objects through the frames of a video, by how much their boxes overlap; nothing else is
// looked at. Of all pairs of a known object and a new box of the same class those that overlap most
// are taken first, down to an IoU of `least`. A box that is left over is a new object. An object
// that has not been seen for `patience` frames is forgotten; until then its box stays where it was,
// so one that moves on behind something else gets a new id.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tv2onnx/detection.h"

namespace tv2onnx {

struct TrackOptions {
  double least = 0.3;         ///< IoU
  std::size_t patience = 30;  ///< frames
};

/// Intersection over union of x1, y1, x2, y2; 0 where there is none.
double box_overlap(const std::array<float, 4>& a, const std::array<float, 4>& b);

class Tracker {
 public:
  explicit Tracker(const TrackOptions& options = {}) : options_(options) {}

  /// The ids of the objects of the next frame, from 1 on, one for each detection.
  std::vector<std::int64_t> update(const Detections& detections);

 private:
  struct Known {
    std::int64_t id = 0;
    std::int64_t label = 0;
    std::array<float, 4> box{};
    std::size_t unseen = 0;  ///< frames since
  };

  TrackOptions options_;
  std::vector<Known> known_;
  std::int64_t last_id_ = 0;
};

}  // namespace tv2onnx
