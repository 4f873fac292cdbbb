#include "tv2onnx/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "run/each_image.h"
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
  ClassifiedImage result{
      image, pixels.shape[2], pixels.shape[1], std::move(classifier.run(pixels)[0].best), {}};
  result.best.resize(std::min(result.best.size(), options.top));
  if (!target.empty()) {
    write_picture(drawn(pixels, result, options.class_names), target, options.overwrite);
  }
  return result;
}

/// An error that concerns this image alone is part of the result.
ClassifiedImage classify_in(const Classifier& classifier, const fs::path& image,
                            const fs::path& target, const ClassifyOptions& options) {
  try {
    return classify_one(classifier, image, target, options);
  } catch (const Error& error) {
    if (!concerns_one_image(error.code())) throw;
    return {image, 0, 0, {}, error};
  } catch (const std::bad_alloc&) {
    return {image, 0, 0, {}, Error({.code = "X002", .found = "out of memory"})};
  }
}

std::string image_json(const ClassifiedImage& result, const std::vector<std::string>& names) {
  Json json{{"file", result.file.string()}};
  if (result.error) {
    json["error"] = {{"code", result.error->code().name()},
                     {"message", error_line(result.file, *result.error)}};
    return json_line(json);
  }
  json["width"] = result.width;
  json["height"] = result.height;
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
  return static_cast<std::size_t>(std::ranges::count_if(
      images, [](const ClassifiedImage& image) { return image.error.has_value(); }));
}

ClassifyReport classify(const Classifier& classifier, const std::vector<fs::path>& images,
                        const ClassifyOptions& options) {
  ClassifyReport report{.model = classifier.session().file(),
                        .architecture = classifier.contract().architecture,
                        .assumption = classifier.assumption(),
                        .class_names = options.class_names,
                        .images = {}};
  require_pictures(options.pictures.size(), images.size());
  for (std::size_t k = 0; k < images.size(); ++k) {
    const std::string name = images[k].string();
    begin_step(options.control, {name, k, images.size()});
    const fs::path target = options.pictures.empty() ? fs::path() : options.pictures[k];
    report.images.push_back(classify_in(classifier, images[k], target, options));
    if (options.classified) options.classified(report.images.back());
  }
  return report;
}

std::string to_json(const ClassifyReport& report) {
  std::vector<std::string> images;
  for (const ClassifiedImage& image : report.images) {
    images.push_back(image_json(image, report.class_names));
  }
  return fmt::format(
      "{{\n  \"model\":{},\n  \"architecture\":{},\n  \"assumption\":{},\n  \"images\":{}\n}}\n",
      json_line(report.model), json_line(report.architecture), json_line(report.assumption),
      json_list(images, "  "));
}

}  // namespace tv2onnx
