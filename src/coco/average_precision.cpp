// COCO's evaluation: results are matched to annotated objects image by image, and precision and
// recall come from all matches of a category in the order of their scores.

#include "tv2onnx/average_precision.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/json_text.h"
#include "coco/curve.h"
#include "coco/scenes.h"

namespace tv2onnx {
namespace {

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
    Row{"AP", true, kAllAreas, 100, -1},     Row{"AP50", true, kAllAreas, 100, 0},
    Row{"AP75", true, kAllAreas, 100, 5},    Row{"APs", true, kSmall, 100, -1},
    Row{"APm", true, kMedium, 100, -1},      Row{"APl", true, kLarge, 100, -1},
    Row{"AR1", false, kAllAreas, 1, -1},     Row{"AR10", false, kAllAreas, 10, -1},
    Row{"AR100", false, kAllAreas, 100, -1}, Row{"ARs", false, kSmall, 100, -1},
    Row{"ARm", false, kMedium, 100, -1},     Row{"ARl", false, kLarge, 100, -1}};
constexpr std::array kKeypointRows{
    Row{"AP", true, kAllAreas, 20, -1},   Row{"AP50", true, kAllAreas, 20, 0},
    Row{"AP75", true, kAllAreas, 20, 5},  Row{"APm", true, kMedium, 20, -1},
    Row{"APl", true, kLarge, 20, -1},     Row{"AR", false, kAllAreas, 20, -1},
    Row{"AR50", false, kAllAreas, 20, 0}, Row{"AR75", false, kAllAreas, 20, 5},
    Row{"ARm", false, kMedium, 20, -1},   Row{"ARl", false, kLarge, 20, -1}};

std::span<const Row> rows_of(CocoKind kind) {
  if (kind == CocoKind::kKeypoints) return kKeypointRows;
  return kDetectionRows;
}

/// Of a category; none where there is nothing to find.
using Curves = std::optional<std::array<Curve, kOverlaps>>;

Curves curves_of(const std::vector<Matched>& all, std::size_t most, std::size_t objects) {
  if (objects == 0) return std::nullopt;
  const std::vector<const Matched*> sorted = by_score(all, most);
  std::array<Curve, kOverlaps> curves;
  for (std::size_t t = 0; t < kOverlaps; ++t) curves[t] = curve_of(sorted, t, objects);
  return curves;
}

std::optional<double> value_of(const Row& row, const Curves& curves) {
  if (!curves) return std::nullopt;
  const auto one = [&](const Curve& curve) { return row.precision ? curve.mean() : curve.recall; };
  if (row.overlap >= 0) return one((*curves)[static_cast<std::size_t>(row.overlap)]);
  double sum = 0;
  for (const Curve& curve : *curves) sum += one(curve);
  return sum / kOverlaps;
}

/// The figures of a category.
struct Figures {
  std::vector<std::optional<double>> values;  ///< in the order of the rows
  std::size_t objects = 0;
  Curves curves;  ///< of the first row
};

Figures figures_of(const std::vector<Scene>& scenes, CocoKind kind) {
  Figures figures;
  struct OfArea {
    std::vector<Matched> matched = {};
    std::size_t objects = 0;
    std::map<std::size_t, Curves> curves = {};  ///< by how many results count
  };
  std::map<std::pair<double, double>, OfArea> by_area;
  for (const Row& row : rows_of(kind)) {
    const auto [place, is_new] = by_area.try_emplace({row.area.least, row.area.most});
    OfArea& area = place->second;
    for (std::size_t k = 0; is_new && k < scenes.size(); ++k) {
      area.objects += match(scenes[k], row.area, area.matched);
    }
    const auto [curves, first] = area.curves.try_emplace(row.most);
    if (first) curves->second = curves_of(area.matched, row.most, area.objects);
    figures.values.push_back(value_of(row, curves->second));
    if (figures.values.size() == 1) figures.curves = curves->second;
  }
  figures.objects = by_area.at({kAllAreas.least, kAllAreas.most}).objects;
  return figures;
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

/// Of the categories that have objects.
std::vector<CocoCurve> mean_curves(const std::vector<Figures>& categories) {
  std::vector<CocoCurve> means(kOverlaps);
  const auto count = static_cast<double>(
      std::ranges::count_if(categories, [](const Figures& one) { return one.curves.has_value(); }));
  for (std::size_t t = 0; t < kOverlaps; ++t) {
    means[t].overlap = overlap_at(t);
    for (const Figures& one : categories) {
      for (std::size_t k = 0; one.curves && k < kRecalls; ++k) {
        means[t].precision[k] += (*one.curves)[t].precision[k] / count;
      }
    }
  }
  return means;
}

}  // namespace

CocoScores coco_scores(const CocoAnnotations& annotations, const std::vector<CocoObject>& results,
                       CocoKind kind) {
  CocoScores scores{.kind = kind,
                    .images = annotations.images.size(),
                    .results = results.size(),
                    .figures = {},
                    .categories = {},
                    .curves = {}};
  Scenes scenes = scenes_of(annotations, results);
  const std::size_t recall_row = kind == CocoKind::kKeypoints ? 5 : 8;
  std::vector<Figures> all;
  for (const CocoCategory& category : annotations.categories) {
    all.push_back(figures_of(prepared_scenes(std::move(scenes[category.id]), kind), kind));
    const auto& values = all.back().values;
    scores.categories.push_back(
        {category, all.back().objects, values[0], values[1], values[recall_row]});
    scores.objects += all.back().objects;
    scenes.erase(category.id);
  }
  for (const auto& [category, images] : scenes) {
    for (const auto& [image, scene] : images) {
      scores.unknown_results += scene.found.size();
      scores.unknown_objects += scene.truth.size();
    }
  }
  const std::span<const Row> rows = rows_of(kind);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    scores.figures.push_back({rows[k].name, mean_of(all, k)});
  }
  scores.curves = mean_curves(all);
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
            {"results_of_unknown_categories", scores.unknown_results},
            {"objects_of_unknown_categories", scores.unknown_objects},
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
