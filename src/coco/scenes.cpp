#include "coco/scenes.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/stable_sort.h"
#include "coco/similarity.h"

namespace tv2onnx {

std::size_t most_results(CocoKind kind) {
  return kind == CocoKind::kKeypoints ? 20 : 100;
}

Scenes scenes_of(const CocoAnnotations& annotations, const std::vector<CocoObject>& results) {
  Scenes scenes;
  for (const CocoObject& object : annotations.objects) {
    scenes[object.category][object.image].truth.push_back(&object);
  }
  for (const CocoObject& result : results) {
    scenes[result.category][result.image].found.push_back(&result);
  }
  for (auto& [category, by_image] : scenes) {
    for (auto& [id, scene] : by_image) {
      const auto photo = std::ranges::lower_bound(annotations.images, id, {}, &CocoPhoto::id);
      scene.image = static_cast<std::size_t>(photo - annotations.images.begin());
    }
  }
  return scenes;
}

std::vector<Scene> prepared_scenes(std::map<std::int64_t, Scene>&& by_image, CocoKind kind) {
  const std::size_t most = most_results(kind);
  std::vector<Scene> scenes;
  for (auto& [image, scene] : by_image) {
    sort_stably(scene.found, std::ranges::greater(), &CocoObject::score);
    if (scene.found.size() > most) scene.found.resize(most);
    for (const CocoObject* found : scene.found) {
      for (const CocoObject* truth : scene.truth) {
        scene.likeness.push_back(similarity_of(*found, *truth, kind));
      }
    }
    scenes.push_back(std::move(scene));
  }
  return scenes;
}

}  // namespace tv2onnx
