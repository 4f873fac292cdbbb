#include "cli/detect_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/output_file.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

/// Errors of one image, after which the others can go on.
bool concerns_one_image(std::string_view code) {
  return code[0] == 'I' || code == "C001" || code == "R003" || code == "R006";
}

ImageResult failure(const fs::path& image, Error error) {
  ImageResult result;
  result.file = image;
  result.error = std::move(error);
  return result;
}

/// Text that the drawing font has: names in other scripts become "class 3".
std::string label_text(const std::vector<std::string>& names, const Detection& detection) {
  std::string name = class_name(names, detection.label);
  const auto ascii = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (!std::ranges::all_of(name, ascii)) name = class_name({}, detection.label);
  return fmt::format("{} {:.2f}", name, detection.score);
}

void draw(const Tensor& pixels, const ImageResult& result, const std::vector<std::string>& names,
          const fs::path& target, bool overwrite) {
  std::vector<DrawnBox> boxes;
  for (const Detection& detection : result.detections) {
    boxes.push_back({detection.box, label_text(names, detection), detection.label});
  }
  const bool jpeg = target.extension() == ".jpg";
  OutputFile file(target, overwrite);
  file.write(
      encode_image(draw_boxes(pixels, boxes), jpeg ? ImageFormat::kJpeg : ImageFormat::kPng));
  file.commit();
}

}  // namespace

ImageResult detect_in(const Detector& detector, const DetectJob& job, std::size_t index) {
  const fs::path& image = job.images[index];
  try {
    const Tensor pixels = read_image(image, job.image);
    ImageResult result{image, pixels.shape[2], pixels.shape[1], detector.run(pixels)[0], {}};
    std::erase_if(result.detections, [&](const Detection& detection) {
      return !(detection.score >= static_cast<float>(job.score));
    });
    if (!job.pictures.empty()) {
      draw(pixels, result, job.names, job.pictures[index], job.overwrite);
    }
    return result;
  } catch (const Error& error) {
    if (!concerns_one_image(error.code())) throw;
    return failure(image, error);
  } catch (const std::bad_alloc&) {
    return failure(image, Error({.code = "X002", .found = "out of memory"}));
  }
}

}  // namespace tv2onnx::cli
