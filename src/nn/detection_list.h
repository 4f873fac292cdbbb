#pragma once
// The detections of a batch in one list, for what is computed of each: masks, keypoints. Rows of
// the table that do not count then cost nothing.

#include "nn/detections.h"
#include "nn/roi_pooler.h"

namespace tv2onnx {

/// The lists have one row that does not count if there are no detections at all, because runtimes
/// stumble over convolutions of nothing; real() takes it off. With DetectionTable::constant_counts
/// they have all rows of the table, and no `place`.
struct DetectionList {
  Rois rois;     ///< boxes in the pixels of the table
  Value labels;  ///< int64 [n]
  Value place;   ///< int64 [detections, 2]: image and row in the table; without that extra row
};

DetectionList list_detections(const DetectionTable& table);

/// What was computed for each row of the list, without the one that does not count.
Value real(Value rows, const DetectionList& list);

/// float32 [n, channels, height, width] in the order of the list.
Value pooled_features(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                      const RoiPoolSpec& spec);

}  // namespace tv2onnx
