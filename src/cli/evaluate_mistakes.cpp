#include "cli/evaluate_mistakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/stable_sort.h"
#include "base/text.h"
#include "cli/detect_inputs.h"
#include "run/each_image.h"
#include "tv2onnx/evaluate.h"
#include "tv2onnx/image.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

struct Mistakes {
  std::vector<const CocoPair*> pairs;
  std::array<std::size_t, 3> counts{};  ///< missed, nothing there, another category

  std::size_t all() const { return counts[0] + counts[1] + counts[2]; }
};

std::string annotated_name(const CocoAnnotations& annotations, const CocoObject& object) {
  const auto category =
      std::ranges::find(annotations.categories, object.category, &CocoCategory::id);
  const bool named = category != annotations.categories.end() && !category->name.empty();
  return named ? category->name : fmt::format("category {}", object.category);
}

/// Which of the counts it belongs to; 3: it is right.
std::size_t mistake_of(const CocoPair& pair) {
  if (pair.found == nullptr) return 0;
  if (pair.truth == nullptr) return 1;
  return pair.truth->category == pair.found->category ? 3 : 2;
}

std::string words_about(const CocoPair& pair, const CocoAnnotations& annotations) {
  if (pair.found == nullptr) return annotated_name(annotations, *pair.truth) + " missed";
  const std::string found =
      fmt::format("{} {:.2f}", annotated_name(annotations, *pair.found), pair.found->score);
  if (pair.truth == nullptr) return found + ", nothing";
  return mistake_of(pair) == 3 ? found : found + ", is " + annotated_name(annotations, *pair.truth);
}

std::vector<DrawnBox> boxes_about(const Mistakes& mistakes, const CocoAnnotations& annotations) {
  std::vector<DrawnBox> boxes;
  for (const CocoPair* pair : mistakes.pairs) {
    const CocoObject& shown = pair->found != nullptr ? *pair->found : *pair->truth;
    const auto& [x, y, width, height] = shown.box;
    boxes.push_back({{static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + width),
                      static_cast<float>(y + height)},
                     words_about(*pair, annotations),
                     static_cast<std::int64_t>(1 + mistake_of(*pair))});
  }
  return boxes;
}

}  // namespace

std::vector<fs::path> plan_mistakes(const DetectorEvaluation& options,
                                    const CocoAnnotations& annotations) {
  if (options.worst == 0) return {};
  return plan_pictures(annotated_files(annotations, options.images), options.worst_folder,
                       options.overwrite);
}

std::vector<std::string> draw_mistakes(const DetectorEvaluation& options,
                                       const CocoAnnotations& annotations,
                                       const std::vector<CocoPair>& pairs,
                                       const std::vector<fs::path>& pictures) {
  if (options.worst == 0) return {};
  std::map<std::int64_t, Mistakes> by_image;
  for (const CocoPair& pair : pairs) {
    Mistakes& image = by_image[(pair.truth != nullptr ? pair.truth : pair.found)->image];
    image.pairs.push_back(&pair);
    if (mistake_of(pair) < 3) ++image.counts[mistake_of(pair)];
  }
  std::vector<std::pair<std::int64_t, const Mistakes*>> order;
  for (const auto& [id, mistakes] : by_image) {
    if (mistakes.all() > 0) order.emplace_back(id, &mistakes);
  }
  sort_stably(order,
              [](const auto& a, const auto& b) { return a.second->all() > b.second->all(); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(options.worst)));
  const std::vector<fs::path> files = annotated_files(annotations, options.images);
  std::vector<std::string> lines;
  for (const auto& [id, mistakes] : order) {
    const auto photo = std::ranges::lower_bound(annotations.images, id, {}, &CocoPhoto::id);
    const auto k = static_cast<std::size_t>(photo - annotations.images.begin());
    write_picture(draw_boxes(read_image(files[k], {.ignore_exif = true}),
                             boxes_about(*mistakes, annotations)),
                  pictures[k], options.overwrite);
    const auto& [missed, extra, confused] = mistakes->counts;
    lines.push_back(fmt::format("{}  {} missed, {} where nothing is, {} of another category",
                                printable(pictures[k].string(), 4096), missed, extra, confused));
  }
  return lines;
}

}  // namespace tv2onnx::cli
