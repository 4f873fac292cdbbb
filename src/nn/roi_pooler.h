#pragma once
// MultiScaleRoIAlign (torchvision/ops/poolers.py): RoIAlign on the pyramid level that fits the
// size of each box.

#include <cstdint>
#include <vector>

#include "nn/fpn.h"
#include "nn/rpn.h"

namespace tv2onnx {

/// MultiScaleRoIAlign's defaults of canonical_scale and canonical_level, and LevelMapper's eps.
inline constexpr int kCanonicalScale = 224;
inline constexpr int kCanonicalLevel = 4;
inline constexpr double kLevelEpsilon = 1e-6;

struct RoiPoolSpec {
  std::int64_t output_height = 7;
  std::int64_t output_width = 7;
  std::int64_t sampling_ratio = 2;  ///< 0: as many samples as the bin has pixels
  /// Every box is pooled from every map, as how many belong to a map depends on the image.
  bool constant_counts = false;
};

struct PooledRois {
  Value features;           ///< float32 [batch * proposals, channels, output_height, output_width]
  bool transposed = false;  ///< features are [.., output_width, output_height, channels] instead
  Value position = {};  ///< int64 [batch * proposals]: row of each proposal in `features`, absent
                        ///< if the rows are in the order of the proposals
};

PooledRois pool_rois(const std::vector<FeatureMap>& maps, const Proposals& proposals,
                     const RoiPoolSpec& spec);

/// Boxes of all images in one list.
struct Rois {
  Value boxes;  ///< float32 [n, 4] in resized pixels
  Value image;  ///< int64 [n]
};

/// Those of a table [batch, count, 4], image by image.
Rois rois_of(Value boxes, Value count);

/// The same for a list: `features` and `position` have n rows.
PooledRois pool_rois(const std::vector<FeatureMap>& maps, const Rois& rois,
                     const RoiPoolSpec& spec);

/// Rows computed from PooledRois::features, in the order of the proposals.
Value in_proposal_order(Value rows, const PooledRois& pooled);

}  // namespace tv2onnx
