// COCO's evaluation: results are matched to annotated objects image by image, and precision and
// recall come from all matches of a category in the order of their scores.

#include "tv2onnx/average_precision.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <span>
#include <utility>

#include "base/json_text.h"
#include "coco/matching.h"
#include "coco/similarity.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kRecalls = 101;  // 0, 0.01, ... 1

/// As numpy.linspace gives them.
double recall_at(std::size_t k) {
  return k + 1 == kRecalls ? 1.0 : static_cast<double>(k) * (1.0 / 100);
}

constexpr AreaRange kAll{0, 1e10};
constexpr AreaRange kSmall{0, 1024};
constexpr AreaRange kMedium{1024, 9216};
constexpr AreaRange kLarge{9216, 1e10};

/// One of pycocotools' figures.
struct Row {
  const char* name;
  bool precision;  ///< or recall
  AreaRange area;
  std::size_t most;  ///< results of a category in an image, the best ones
  int overlap;       ///< only this one of the ten; -1: the mean of all
};
constexpr std::array kDetectionRows{
    Row{"AP", true, kAll, 100, -1},      Row{"AP50", true, kAll, 100, 0},
    Row{"AP75", true, kAll, 100, 5},     Row{"APs", true, kSmall, 100, -1},
    Row{"APm", true, kMedium, 100, -1},  Row{"APl", true, kLarge, 100, -1},
    Row{"AR1", false, kAll, 1, -1},      Row{"AR10", false, kAll, 10, -1},
    Row{"AR100", false, kAll, 100, -1},  Row{"ARs", false, kSmall, 100, -1},
    Row{"ARm", false, kMedium, 100, -1}, Row{"ARl", false, kLarge, 100, -1}};
constexpr std::array kKeypointRows{
    Row{"AP", true, kAll, 20, -1},      Row{"AP50", true, kAll, 20, 0},
    Row{"AP75", true, kAll, 20, 5},     Row{"APm", true, kMedium, 20, -1},
    Row{"APl", true, kLarge, 20, -1},   Row{"AR", false, kAll, 20, -1},
    Row{"AR50", false, kAll, 20, 0},    Row{"AR75", false, kAll, 20, 5},
    Row{"ARm", false, kMedium, 20, -1}, Row{"ARl", false, kLarge, 20, -1}};

std::span<const Row> rows_of(CocoKind kind) {
  if (kind == CocoKind::kKeypoints) return kKeypointRows;
  return kDetectionRows;
}

/// Mean precision at the recalls, and the highest recall.
struct Curve {
  double precision = 0;
  double recall = 0;
};

Curve curve_of(const std::vector<const Matched*>& sorted, std::size_t t, std::size_t objects) {
  std::vector<double> precision;
  std::vector<double> recall;
  double right = 0;
  double wrong = 0;
  for (const Matched* result : sorted) {
    if (!result->ignored[t]) (result->hit[t] ? right : wrong) += 1;
    recall.push_back(right / static_cast<double>(objects));
    precision.push_back(right / (wrong + right + std::numeric_limits<double>::epsilon()));
  }
  for (std::size_t k = precision.size(); k-- > 1;) {
    precision[k - 1] = std::max(precision[k - 1], precision[k]);
  }
  Curve curve{0, recall.empty() ? 0 : recall.back()};
  for (std::size_t k = 0; k < kRecalls; ++k) {
    const auto place = std::ranges::lower_bound(recall, recall_at(k));
    if (place == recall.end()) break;
    curve.precision += precision[static_cast<std::size_t>(place - recall.begin())];
  }
  curve.precision /= kRecalls;
  return curve;
}

/// Of a category; none where there is nothing to find.
using Curves = std::optional<std::array<Curve, kOverlaps>>;

Curves curves_of(const std::vector<Matched>& all, std::size_t most, std::size_t objects) {
  if (objects == 0) return std::nullopt;
  std::vector<const Matched*> sorted;
  for (const Matched& result : all) {
    if (result.rank < most) sorted.push_back(&result);
  }
  std::ranges::stable_sort(sorted, std::ranges::greater(), &Matched::score);
  std::array<Curve, kOverlaps> curves;
  for (std::size_t t = 0; t < kOverlaps; ++t) curves[t] = curve_of(sorted, t, objects);
  return curves;
}

std::optional<double> value_of(const Row& row, const Curves& curves) {
  if (!curves) return std::nullopt;
  const auto one = [&](const Curve& curve) {
    return row.precision ? curve.precision : curve.recall;
  };
  if (row.overlap >= 0) return one((*curves)[static_cast<std::size_t>(row.overlap)]);
  double sum = 0;
  for (const Curve& curve : *curves) sum += one(curve);
  return sum / kOverlaps;
}

/// The figures of a category.
struct Figures {
  std::vector<std::optional<double>> values;  ///< in the order of the rows
  std::size_t objects = 0;
};

Figures figures_of(const std::vector<Scene>& scenes, CocoKind kind) {
  Figures figures;
  std::map<std::pair<double, double>, std::pair<std::vector<Matched>, std::size_t>> by_area;
  for (const Row& row : rows_of(kind)) {
    const auto [place, is_new] = by_area.try_emplace({row.area.least, row.area.most});
    auto& [matched, objects] = place->second;
    for (std::size_t k = 0; is_new && k < scenes.size(); ++k) {
      objects += match(scenes[k], row.area, matched);
    }
    figures.values.push_back(value_of(row, curves_of(matched, row.most, objects)));
  }
  figures.objects = by_area.at({kAll.least, kAll.most}).second;
  return figures;
}

/// By category and image, both by id.
using Scenes = std::map<std::int64_t, std::map<std::int64_t, Scene>>;

Scenes scenes_of(const CocoAnnotations& annotations, const std::vector<CocoObject>& results) {
  Scenes scenes;
  for (const CocoObject& object : annotations.objects) {
    scenes[object.category][object.image].truth.push_back(&object);
  }
  for (const CocoObject& result : results) {
    scenes[result.category][result.image].found.push_back(&result);
  }
  return scenes;
}

std::vector<Scene> prepared(std::map<std::int64_t, Scene> by_image, CocoKind kind) {
  const std::size_t most = kind == CocoKind::kKeypoints ? 20 : 100;
  std::vector<Scene> scenes;
  for (auto& [image, scene] : by_image) {
    std::ranges::stable_sort(scene.found, std::ranges::greater(), &CocoObject::score);
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

std::optional<double> mean_of(const std::vector<Figures>& categories, std::size_t row) {
  double sum = 0;
  double count = 0;
  for (const Figures& one : categories) {
    if (!one.values[row]) continue;
    sum += *one.values[row];
    ++count;
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

}  // namespace

CocoScores coco_scores(const CocoAnnotations& annotations, const std::vector<CocoObject>& results,
                       CocoKind kind) {
  CocoScores scores{.kind = kind,
                    .images = annotations.images.size(),
                    .results = results.size(),
                    .figures = {},
                    .categories = {}};
  Scenes scenes = scenes_of(annotations, results);
  const std::size_t recall_row = kind == CocoKind::kKeypoints ? 5 : 8;
  std::vector<Figures> all;
  for (const CocoCategory& category : annotations.categories) {
    all.push_back(figures_of(prepared(std::move(scenes[category.id]), kind), kind));
    const auto& values = all.back().values;
    scores.categories.push_back(
        {category, all.back().objects, values[0], values[1], values[recall_row]});
    scores.objects += all.back().objects;
    scenes.erase(category.id);
  }
  for (const auto& [category, images] : scenes) {
    for (const auto& [image, scene] : images) scores.unknown += scene.found.size();
  }
  const std::span<const Row> rows = rows_of(kind);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    scores.figures.push_back({rows[k].name, mean_of(all, k)});
  }
  return scores;
}

std::string to_json(const CocoScores& scores) {
  using Json = nlohmann::ordered_json;
  const auto value = [](const std::optional<double>& one) { return one ? Json(*one) : Json(); };
  constexpr std::array kKinds{"boxes", "masks", "keypoints"};
  Json json{{"kind", kKinds[static_cast<std::size_t>(scores.kind)]},
            {"images", scores.images},
            {"objects", scores.objects},
            {"results", scores.results},
            {"results_of_unknown_categories", scores.unknown},
            {"figures", Json::object()},
            {"categories", Json::array()}};
  for (const CocoFigure& figure : scores.figures)
    json["figures"][figure.name] = value(figure.value);
  for (const CocoCategoryScores& one : scores.categories) {
    json["categories"].push_back({{"id", one.category.id},
                                  {"name", one.category.name},
                                  {"objects", one.objects},
                                  {"AP", value(one.ap)},
                                  {"AP50", value(one.ap50)},
                                  {"AR", value(one.ar)}});
  }
  return json_text(json) + "\n";
}

}  // namespace tv2onnx
