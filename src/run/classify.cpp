#include "tv2onnx/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "run/each_image.h"
#include "run/prepare.h"
#include "tv2onnx/detect.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The photo in a frame of the colour of its class, which is written on it.
Tensor drawn(const Tensor& photo, const ClassifiedImage& result,
             const std::vector<std::string>& names) {
  if (result.best.empty()) return photo;
  const ScoredClass& best = result.best.front();
  const std::array<float, 4> frame{0, 0, static_cast<float>(result.width),
                                   static_cast<float>(result.height)};
  const DrawnBox box{frame, label_text(names, best.label, best.score), best.label};
  return draw_boxes(photo, {&box, 1});
}

ClassifiedImage classify_one(const Classifier& classifier, const fs::path& image,
                             const fs::path& target, const ClassifyOptions& options) {
  const Tensor pixels = read_image(image, options.image);
  ClassifiedImage result{image, pixels.shape[2], pixels.shape[1],
                         std::move(classifier.run(pixels)[0].best)};
  result.best.resize(std::min(result.best.size(), options.top));
  if (!target.empty()) {
    write_picture(drawn(pixels, result, options.class_names), target, options.overwrite);
  }
  return result;
}

ClassifiedImage classify_one(const VideoClassifier& classifier, const Clip& clip,
                             const fs::path& target, const ClassifyOptions& options) {
  const Tensor frames = read_frames(clip.frames, options.image);
  ClassifiedImage result{clip.folder, frames.shape[2], frames.shape[1],
                         std::move(classifier.run(frames).best)};
  result.frames = clip.frames.size();
  result.best.resize(std::min(result.best.size(), options.top));
  if (!target.empty()) {
    const Tensor middle = images_from(frames, frames.shape[0] / 2, 1);
    write_picture(drawn(middle, result, options.class_names), target, options.overwrite);
  }
  return result;
}

template <typename Model, typename Input, typename File>
ClassifyReport classify_all(const Model& classifier, const std::vector<Input>& inputs, File file,
                            const ClassifyOptions& options, std::string assumption) {
  ClassifyReport report{.model = classifier.session().file(),
                        .architecture = classifier.contract().architecture,
                        .assumption = std::move(assumption),
                        .class_names = options.class_names,
                        .images = {}};
  require_pictures(options.pictures.size(), inputs.size());
  const auto run = [&](std::size_t k) {
    return or_error(ClassifiedImage{std::invoke(file, inputs[k])}, [&] {
      return classify_one(classifier, inputs[k], target_of(options.pictures, k), options);
    });
  };
  report.images = each_result(inputs, file, options.control, options.classified, run);
  return report;
}

/// Of a clip perhaps one of its frames.
fs::path faulty_file(const ClassifiedImage& result) {
  const std::string& file = result.error->parts().where.file;
  return fs::path(file).parent_path() == result.file ? fs::path(file) : result.file;
}

std::string image_json(const ClassifiedImage& result, const std::vector<std::string>& names) {
  Json json{{"file", result.file.string()}};
  if (result.error) {
    json["error"] = error_json(faulty_file(result), *result.error);
    return json_line(json);
  }
  json["width"] = result.width;
  json["height"] = result.height;
  if (result.frames > 0) json["frames"] = result.frames;
  json["classes"] = Json::array();
  for (const ScoredClass& one : result.best) {
    json["classes"].push_back({{"class", class_name(names, one.label)},
                               {"label", one.label},
                               {"score", short_number(one.score)}});
  }
  return json_line(json);
}

}  // namespace

std::size_t ClassifyReport::failed() const {
  return failures_in(images);
}

ClassifyReport classify(const Classifier& classifier, const std::vector<fs::path>& images,
                        const ClassifyOptions& options) {
  return classify_all(classifier, images, std::identity(), options, classifier.assumption());
}

ClassifyReport classify(const VideoClassifier& classifier, const std::vector<Clip>& clips,
                        const ClassifyOptions& options) {
  ClassifyReport report = classify_all(classifier, clips, &Clip::folder, options, "");
  report.clips = true;
  return report;
}

std::string error_line(const ClassifiedImage& image) {
  return error_line(faulty_file(image), *image.error);
}

std::string to_json(const ClassifyReport& report) {
  std::vector<std::string> images;
  for (const ClassifiedImage& image : report.images) {
    images.push_back(image_json(image, report.class_names));
  }
  return fmt::format(
      "{{\n  \"model\":{},\n  \"architecture\":{},\n  \"assumption\":{},\n  \"{}\":{}\n}}\n",
      json_line(report.model), json_line(report.architecture), json_line(report.assumption),
      report.clips ? "clips" : "images", json_list(images, "  "));
}

}  // namespace tv2onnx
