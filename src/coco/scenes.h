#pragma once
// Objects and results, put together image by image.

#include <cstdint>
#include <map>
#include <vector>

#include "coco/matching.h"

namespace tv2onnx {

inline constexpr AreaRange kAllAreas{0, 1e10};

/// How many results of a category count in an image: the best ones.
std::size_t most_results(CocoKind kind);

/// By category and image, both by id.
using Scenes = std::map<std::int64_t, std::map<std::int64_t, Scene>>;
Scenes scenes_of(const CocoAnnotations& annotations, const std::vector<CocoObject>& results);

/// Of one category: results by score, those that count, with their likeness to each object.
std::vector<Scene> prepared_scenes(std::map<std::int64_t, Scene>&& by_image, CocoKind kind);

}  // namespace tv2onnx
