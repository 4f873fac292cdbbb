// tv2onnx predict MODEL.onnx INPUT..., of segmentation.

#include <fmt/format.h>

#include <filesystem>

#include "cli/answer.h"
#include "cli/detect_inputs.h"
#include "cli/detect_options.h"
#include "cli/listing.h"
#include "cli/paths.h"
#include "tv2onnx/segment.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

std::string segment_lines(const SegmentedImage& image, const std::vector<std::string>& names,
                          std::size_t file_width) {
  std::string lines;
  for (const ClassShare& one : image.classes) {
    const auto area = static_cast<double>(image.width * image.height);
    lines += fmt::format("{:<{}}  {:<{}}  {:5.1f} %\n", shown_path(image.file), file_width,
                         shown_class(names, one.label), class_width(names),
                         100 * static_cast<double>(one.pixels) / area);
  }
  return lines;
}

SegmentReport segment_all(const Segmenter& segmenter, const std::vector<fs::path>& images,
                          SegmentOptions options, bool print, const Invocation& invocation) {
  const std::size_t width = path_width(images, 5);
  Listing listing(images.size(), print, invocation);
  listing.row(fmt::format("{:<{}}  {:<{}}    AREA\n", "IMAGE", width, "CLASS",
                          class_width(options.class_names)));
  options.control.progress = [&](const Step& step) { listing.begin(step.name); };
  options.segmented = [&](const SegmentedImage& image) {
    listing.show(image, [&] { return segment_lines(image, options.class_names, width); });
  };
  SegmentReport report = segment(segmenter, images, options);
  listing.end();
  return report;
}

}  // namespace

int run_segment(const DetectFlags& options, const Invocation& invocation) {
  require_file_name(options.folder, "-o", "drawn");
  require_file_name(options.label_maps, "--label-maps", "labels");
  const Images collected = collect_images(options.inputs, options.recursive);
  const Segmenter segmenter(options.model, options.session);
  SegmentOptions core{
      .image = options.core.image,
      .class_names = class_names_for(options.class_names_file, segmenter.contract().class_names,
                                     segmenter.classes()),
      .overwrite = options.core.overwrite};
  if (!options.folder.empty()) {
    core.pictures = plan_pictures(collected.files, options.folder, core.overwrite);
  }
  if (!options.label_maps.empty()) {
    core.label_maps = plan_pictures(collected.files, options.label_maps, core.overwrite, ".png");
  }
  require_other_file(options.json, "", core.pictures);
  require_other_file(options.json, "", core.label_maps);
  require_other_folder(options.label_maps, options.folder);
  Answer json(options.json, core.overwrite);
  const SegmentReport report =
      segment_all(segmenter, collected.files, core, !json.wanted(), invocation);
  if (json.wanted()) json.write(to_json(report));
  return finished(report.failed(), collected.files.size(), "images", collected.problems);
}

}  // namespace tv2onnx::cli
