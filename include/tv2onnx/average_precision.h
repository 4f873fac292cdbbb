#pragma once
/// \file
/// COCO's average precision and recall of results against annotations, as pycocotools computes
/// them.
///
///     const CocoAnnotations truth = read_coco_annotations("val.json", CocoKind::kBoxes);
///     const auto results = read_coco_results("results.json", truth, CocoKind::kBoxes);
///     fmt::print("{}", to_json(coco_scores(truth, results, CocoKind::kBoxes)));

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

/// What is compared: the overlap of boxes, of masks, or the similarity of keypoints (OKS, of
/// COCO's 17 points of persons).
enum class CocoKind { kBoxes, kMasks, kKeypoints };

/// A mask: lengths of runs of pixels column by column, beginning with those outside.
struct RunLengths {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<std::uint32_t> counts;
};

/// An annotated object, or a result, which has a score.
struct CocoObject {
  std::int64_t image = 0;              ///< its id
  std::int64_t category = 0;           ///< its id
  std::array<double, 4> box{};         ///< x, y, width, height
  double area = 0;                     ///< what area ranges go by
  double score = 0;                    ///< of a result
  bool crowd = false;                  ///< a region of many: any number of results may match it
  bool ignored = false;                ///< neither found nor missed: crowds, persons without points
  RunLengths mask = {};                ///< read for kMasks
  std::vector<double> keypoints = {};  ///< x, y, visibility, ...; read for kKeypoints
};

struct CocoPhoto {
  std::int64_t id = 0;
  std::string file_name;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

struct CocoCategory {
  std::int64_t id = 0;
  std::string name;
};

struct CocoAnnotations {
  std::vector<CocoPhoto> images;         ///< by id
  std::vector<CocoCategory> categories;  ///< by id
  std::vector<CocoObject> objects;       ///< in the order of the file
};

/// \throws Error C001, U005 (no annotations, or not all that the kind needs).
CocoAnnotations read_coco_annotations(const std::filesystem::path& file, CocoKind kind);
/// The same of text. \throws Error U005.
CocoAnnotations parse_coco_annotations(std::string_view json, CocoKind kind);

/// Results in COCO's form, a list of {image_id, category_id, score, bbox, ...}. As in pycocotools
/// the area of a result is that of its box if the first one of the list has a box.
/// \throws Error C001, U005 (no results), U002 (of images that the annotations do not have).
std::vector<CocoObject> read_coco_results(const std::filesystem::path& file,
                                          const CocoAnnotations& annotations, CocoKind kind);
/// The same of text. \throws Error U005, U002.
std::vector<CocoObject> parse_coco_results(std::string_view json,
                                           const CocoAnnotations& annotations, CocoKind kind);

struct CocoFigure {
  std::string name;             ///< "AP50"
  std::optional<double> value;  ///< 0..1; none where there is nothing to find
};

struct CocoCategoryScores {
  CocoCategory category;
  std::size_t objects = 0;   ///< that count
  std::optional<double> ap;  ///< none where there is nothing to find
  std::optional<double> ap50;
  std::optional<double> ar;
};

/// Precision at the recalls 0, 0.01, ... 1 for one overlap, the mean of all categories.
struct CocoCurve {
  double overlap = 0.5;
  std::array<double, 101> precision{};
};

struct CocoScores {
  CocoKind kind = CocoKind::kBoxes;
  std::size_t images = 0;
  std::size_t objects = 0;
  std::size_t results = 0;
  /// Of categories that the annotations do not list; not counted, as in pycocotools.
  std::size_t unknown_results = 0;
  std::size_t unknown_objects = 0;
  std::vector<CocoFigure> figures;  ///< pycocotools' twelve, or ten of keypoints, in its order
  std::vector<CocoCategoryScores> categories;
  std::vector<CocoCurve> curves;  ///< of the overlaps 0.50, 0.55, ... 0.95
};

CocoScores coco_scores(const CocoAnnotations& annotations, const std::vector<CocoObject>& results,
                       CocoKind kind);

std::string to_json(const CocoScores& scores);

/// The curves of the overlaps 0.50, 0.75 and 0.90, and their mean over all ten, as a picture.
std::string precision_recall_svg(const CocoScores& scores);

/// AP of two sets of results of the same images.
struct CocoDifference {
  double first = 0;
  double second = 0;
  /// Of second - first: where 95 % of the differences lie if the images are drawn anew, each time
  /// the same for both sets.
  double low = 0;
  double high = 0;
  std::size_t rounds = 0;  ///< how often they were
};
/// The same numbers for the same input. \throws Error U002: there is no object to find.
CocoDifference coco_difference(const CocoAnnotations& annotations,
                               const std::vector<CocoObject>& first,
                               const std::vector<CocoObject>& second, CocoKind kind,
                               std::size_t rounds = 1000);

/// An object and what was taken for it: the same place (overlap of at least 0.5), if possible of
/// the same category.
struct CocoPair {
  const CocoObject* truth = nullptr;  ///< null: there is nothing
  const CocoObject* found = nullptr;  ///< null: it was missed
};
/// By image. Crowds, and what is found in them, are left out, as are results of other categories
/// than the annotations'. The pairs point into the arguments.
/// \param score results below are left out
std::vector<CocoPair> coco_pairs(const CocoAnnotations& annotations,
                                 const std::vector<CocoObject>& results, CocoKind kind,
                                 double score = 0.5);

/// How often what was taken for what.
struct CocoConfusion {
  std::vector<CocoCategory> categories;
  /// [categories + 1][categories + 1]: rows are annotated categories, columns found ones, both by
  /// their place in the list; the last row is what is not there, the last column what was missed.
  std::vector<std::size_t> counts;

  std::size_t count(std::size_t truth, std::size_t found) const {
    return counts[truth * (categories.size() + 1) + found];
  }
};
CocoConfusion coco_confusion(const CocoAnnotations& annotations,
                             const std::vector<CocoPair>& pairs);

}  // namespace TV2ONNX_API tv2onnx
