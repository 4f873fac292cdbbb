#include "tv2onnx/detect.h"

#include <utility>

#include "run/each_image.h"
#include "run/look.h"
#include "run/read_ahead.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

/// Masks, report and picture of what was found: beside the next run.
FoundImage finish(Look look, const fs::path& target, const DetectOptions& options) {
  FoundImage failed;
  failed.file = look.found.file;
  return or_error(failed, [&] {
    finish_masks(look, options);
    if (!target.empty()) {
      write_picture(draw_look(look, box_texts(look.found, options.class_names)), target,
                    options.overwrite);
    }
    return std::move(look.found);
  });
}

}  // namespace

FoundImage found_image(Detections detections, const ImageSize& size, const DetectOptions& options) {
  Look look;
  look.found = {{}, size[1], size[0], std::move(detections), {}, {}};
  drop_unsure(look.found, options);
  finish_masks(look, options);
  return std::move(look.found);
}

DetectReport detect(const Detector& detector, const std::vector<fs::path>& images,
                    const DetectOptions& options) {
  DetectReport report{.model = detector.session().file(),
                      .architecture = detector.contract().architecture,
                      .score = options.score,
                      .class_names = options.class_names,
                      .images = {}};
  require_pictures(options.pictures.size(), images.size());
  ReadAhead reader(images, options.image);
  InOrder<FoundImage> finished([&](FoundImage image) {
    report.images.push_back(std::move(image));
    if (options.found) options.found(report.images.back());
  });
  for (std::size_t k = 0; k < images.size(); ++k) {
    const std::string name = images[k].string();
    begin_step(options.control, {name, k, images.size()});
    Look look;
    look.found = or_error(FoundImage{}, [&] {
      look = look_at(detector, reader.next(), options);
      return std::move(look.found);
    });
    look.found.file = images[k];
    // An error that concerns this image alone is part of the result.
    const fs::path target = target_of(options.pictures, k);
    const bool takes_time = !target.empty() || detector.contract().outputs.masks.has_value();
    finished.add(takes_time, [&options, target, look = std::move(look)]() mutable {
      if (look.found.error) return std::move(look.found);
      return finish(std::move(look), target, options);
    });
  }
  finished.end();
  return report;
}

}  // namespace tv2onnx
