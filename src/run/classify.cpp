#include "tv2onnx/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "run/each_image.h"
#include "run/one_result.h"
#include "run/prepare.h"
#include "run/read_ahead.h"
#include "run/rows.h"
#include "tv2onnx/detect.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A result with the picture that it can be drawn on.
struct Classified {
  Tensor picture;
  ClassifiedImage result;
};

Classified classify_pixels(const Classifier& classifier, Tensor pixels) {
  ClassifiedImage result{
      {}, pixels.shape[2], pixels.shape[1], std::move(classifier.run(pixels)[0].best)};
  return {std::move(pixels), std::move(result)};
}

Classified classify_pixels(const VideoClassifier& classifier, const Tensor& frames) {
  ClassifiedImage result{
      {}, frames.shape[2], frames.shape[1], std::move(classifier.run(frames).best)};
  result.frames = static_cast<std::size_t>(frames.shape[0]);
  return {images_from(frames, frames.shape[0] / 2, 1), std::move(result)};
}

/// The picture is drawn and written beside the next run.
ClassifiedImage finish(const Classified& one, const fs::path& target,
                       const ClassifyOptions& options) {
  ClassifiedImage failed{one.result.file};
  return or_error(failed, [&] {
    if (!target.empty()) {
      write_picture(draw_classes(one.picture, one.result.best, options.class_names), target,
                    options.overwrite);
    }
    return one.result;
  });
}

const fs::path& name_of(const fs::path& image) {
  return image;
}
const fs::path& name_of(const Clip& clip) {
  return clip.folder;
}

/// \param read gives the pixels of the next input
template <typename Model, typename Input, typename Read>
ClassifyReport classify_all(const Model& classifier, const std::vector<Input>& inputs, Read read,
                            const ClassifyOptions& options, const std::string& assumption) {
  ClassifyReport report{.model = classifier.session().file(),
                        .architecture = classifier.contract().architecture,
                        .assumption = assumption,
                        .class_names = options.class_names,
                        .images = {}};
  require_pictures(options.pictures.size(), inputs.size());
  InOrder<ClassifiedImage> finished([&](ClassifiedImage image) {
    report.images.push_back(std::move(image));
    if (options.classified) options.classified(report.images.back());
  });
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const std::string name = name_of(inputs[k]).string();
    begin_step(options.control, {name, k, inputs.size()});
    Classified one;
    one.result = or_error(ClassifiedImage{}, [&] {
      one = classify_pixels(classifier, read(inputs[k]));
      return std::move(one.result);
    });
    one.result.file = name_of(inputs[k]);
    one.result.best.resize(std::min(one.result.best.size(), options.top));
    finished.add(!options.pictures.empty(), [&, k, one = std::move(one)] {
      return one.result.error ? one.result : finish(one, target_of(options.pictures, k), options);
    });
  }
  finished.end();
  return report;
}

/// Of a clip perhaps one of its frames.
fs::path faulty_file(const ClassifiedImage& result) {
  const std::string& file = result.error->parts().where.file;
  return fs::path(file).parent_path() == result.file ? fs::path(file) : result.file;
}

Json rows_of(const std::vector<ScoredClass>& best, const std::vector<std::string>& names) {
  Json rows = Json::array();
  for (const ScoredClass& one : best) {
    rows.push_back({{"class", class_name(names, one.label)},
                    {"label", one.label},
                    {"score", short_number(one.score)}});
  }
  return rows;
}

}  // namespace

std::string classes_json(const std::vector<ScoredClass>& best,
                         const std::vector<std::string>& names) {
  return json_line(rows_of(best, names));
}

Tensor draw_classes(const Tensor& photo, const std::vector<ScoredClass>& best,
                    const std::vector<std::string>& names) {
  if (best.empty()) return photo;
  const std::array<float, 4> frame{0, 0, static_cast<float>(photo.shape[2]),
                                   static_cast<float>(photo.shape[1])};
  const DrawnBox box{frame, label_text(names, best[0].label, best[0].score), best[0].label};
  return draw_boxes(photo, {&box, 1});
}

std::string classified_row(const ClassifiedImage& result, const std::vector<std::string>& names) {
  Json json{{"file", result.file.string()}};
  if (result.error) {
    json["error"] = error_json(faulty_file(result), *result.error);
    return json_line(json);
  }
  json["width"] = result.width;
  json["height"] = result.height;
  if (result.frames > 0) json["frames"] = result.frames;
  json["classes"] = rows_of(result.best, names);
  return json_line(json);
}

std::size_t ClassifyReport::failed() const {
  return failures_in(images);
}

ClassifyReport classify(const Classifier& classifier, const std::vector<fs::path>& images,
                        const ClassifyOptions& options) {
  ReadAhead reader(images, options.image);
  return classify_all(
      classifier, images, [&](const fs::path&) { return reader.next(); }, options,
      classifier.assumption());
}

ClassifyReport classify(const VideoClassifier& classifier, const std::vector<Clip>& clips,
                        const ClassifyOptions& options) {
  ClassifyReport report = classify_all(
      classifier, clips, [&](const Clip& clip) { return read_frames(clip.frames, options.image); },
      options, "");
  report.clips = true;
  return report;
}

std::string error_line(const ClassifiedImage& image) {
  return error_line(faulty_file(image), *image.error);
}

std::string to_json(const ClassifyReport& report) {
  std::vector<std::string> images;
  for (const ClassifiedImage& image : report.images) {
    images.push_back(classified_row(image, report.class_names));
  }
  return fmt::format(
      "{{\n  \"model\":{},\n  \"architecture\":{},\n  \"assumption\":{},\n  \"{}\":{}\n}}\n",
      json_line(report.model), json_line(report.architecture), json_line(report.assumption),
      report.clips ? "clips" : "images", json_list(images, "  "));
}

}  // namespace tv2onnx
