#include "tv2onnx/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/stable_sort.h"
#include "image/label_tensor.h"
#include "run/each_image.h"
#include "run/one_result.h"
#include "run/read_ahead.h"
#include "tv2onnx/detect.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A photo with the class of each of its pixels.
struct Segmented {
  Tensor pixels;
  Tensor labels;
  SegmentedImage result;
};

/// Counts, draws and writes beside the next run.
SegmentedImage finish(const Segmented& one, std::size_t k, const SegmentOptions& options) {
  if (one.result.error) return one.result;
  return or_error(SegmentedImage{one.result.file}, [&] {
    const auto& [pixels, labels, image] = one;
    SegmentedImage result{image.file, pixels.shape[2], pixels.shape[1], class_shares(labels)};
    const fs::path picture = target_of(options.pictures, k);
    const fs::path label_map = target_of(options.label_maps, k);
    if (!label_map.empty()) write_bytes(encode_label_map(labels), label_map, options.overwrite);
    if (!picture.empty()) {
      write_picture(draw_classes(pixels, labels, result, options.class_names), picture,
                    options.overwrite);
    }
    return result;
  });
}

Json rows_of(const SegmentedImage& image, const std::vector<std::string>& names) {
  Json rows = Json::array();
  for (const ClassShare& one : image.classes) {
    rows.push_back({{"class", class_name(names, one.label)},
                    {"label", one.label},
                    {"pixels", one.pixels},
                    {"share", share_of(one, image)}});
  }
  return rows;
}

std::string image_json(const SegmentedImage& result, const std::vector<std::string>& names) {
  Json json{{"file", result.file.string()}};
  if (result.error) {
    json["error"] = error_json(result.file, *result.error);
    return json_line(json);
  }
  json["width"] = result.width;
  json["height"] = result.height;
  json["classes"] = rows_of(result, names);
  return json_line(json);
}

}  // namespace

double share_of(const ClassShare& one, const SegmentedImage& image) {
  return static_cast<double>(one.pixels) / static_cast<double>(image.width * image.height);
}

std::string shares_json(const SegmentedImage& image, const std::vector<std::string>& names) {
  return json_line(rows_of(image, names));
}

Tensor draw_classes(const Tensor& photo, const Tensor& labels, const SegmentedImage& image,
                    const std::vector<std::string>& names) {
  std::vector<LegendEntry> legend;
  for (const ClassShare& one : image.classes) {
    if (is_background(names, one.label)) continue;
    legend.push_back({one.label, fmt::format("{} {:.1f} %", drawable_name(names, one.label),
                                             100 * share_of(one, image))});
  }
  return draw_label_map(photo, labels, legend);
}

std::size_t SegmentReport::failed() const {
  return failures_in(images);
}

std::vector<ClassShare> class_shares(const Tensor& labels) {
  require_labels(labels);
  std::map<std::int64_t, std::int64_t> counts;
  for (const std::int32_t label : labels.as<std::int32_t>()) ++counts[label];
  std::vector<ClassShare> shares;
  for (const auto& [label, pixels] : counts) shares.push_back({label, pixels});
  sort_stably(shares, std::ranges::greater(), &ClassShare::pixels);
  return shares;
}

bool is_background(const std::vector<std::string>& names, std::int64_t label) {
  if (label != 0) return false;
  return names.empty() || names.front().find("background") != std::string::npos;
}

SegmentReport segment(const Segmenter& segmenter, const std::vector<fs::path>& images,
                      const SegmentOptions& options) {
  SegmentReport report{.model = segmenter.session().file(),
                       .architecture = segmenter.contract().architecture,
                       .class_names = options.class_names,
                       .images = {}};
  require_pictures(options.pictures.size(), images.size());
  require_pictures(options.label_maps.size(), images.size());
  ReadAhead reader(images, options.image);
  InOrder<SegmentedImage> finished([&](SegmentedImage image) {
    report.images.push_back(std::move(image));
    if (options.segmented) options.segmented(report.images.back());
  });
  for (std::size_t k = 0; k < images.size(); ++k) {
    const std::string name = images[k].string();
    begin_step(options.control, {name, k, images.size()});
    Segmented one;
    one.result = or_error(SegmentedImage{images[k]}, [&] {
      one.pixels = reader.next();
      one.labels = segmenter.run(one.pixels)[0].labels;
      return SegmentedImage{images[k]};
    });
    finished.add(true, [&, k, one = std::move(one)] { return finish(one, k, options); });
  }
  finished.end();
  return report;
}

std::string error_line(const SegmentedImage& image) {
  return error_line(image.file, *image.error);
}

std::string to_json(const SegmentReport& report) {
  std::vector<std::string> images;
  for (const SegmentedImage& image : report.images) {
    images.push_back(image_json(image, report.class_names));
  }
  return fmt::format("{{\n  \"model\":{},\n  \"architecture\":{},\n  \"images\":{}\n}}\n",
                     json_line(report.model), json_line(report.architecture),
                     json_list(images, "  "));
}

}  // namespace tv2onnx
