#include "doctor/rebuild/equality.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "nn/resized_size.h"
#include "run/graph_contract.h"
#include "run/prepare.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

// The foreign graph resizes with positions in float32, which moves boxes of untrained networks by
// some tenths of a pixel. A wrong weight or setting moves them by much more, or changes their
// number.
constexpr Tolerance kDetectionTolerance{
    .box = 0.5, .score = 0.005, .mask = 0.1, .keypoint = 5, .keypoint_score = 0.1};
constexpr double kMaxFlips = 0.05;  // of few detections; each is explained by a threshold
constexpr std::size_t kScenes = 3;
constexpr auto kDetectorSizes = std::to_array<ImageSize>(
    {{171, 256}, {100, 100}, {240, 320}, {320, 240}, {150, 200}, {200, 300}, {256, 256}});

std::vector<Tensor> single_images(const std::vector<InputCase>& cases) {
  std::vector<Tensor> images;
  for (const InputCase& each : cases) {
    if (each.input.dtype == DType::kUInt8 && each.input.shape[0] == 1) images.push_back(each.input);
  }
  return images;
}

/// Images [first, first + count) of a round, stacked.
Tensor batch_of(const std::vector<Tensor>& images, std::size_t first, std::size_t count) {
  std::vector<std::uint8_t> pixels;
  for (std::size_t k = 0; k < count; ++k) {
    const auto bytes = images[(first + k) % images.size()].as<std::uint8_t>();
    pixels.insert(pixels.end(), bytes.begin(), bytes.end());
  }
  Shape shape = images[0].shape;
  shape[0] = static_cast<std::int64_t>(count);
  return make_tensor(std::move(shape), std::move(pixels));
}

void add_cases(std::vector<InputCase>& inputs, const ImageSize& size, std::size_t count,
               std::size_t batch, const std::vector<Tensor>& photos) {
  require_drawable(size, static_cast<std::int64_t>(batch));
  const auto cases = standard_cases({.quick = true, .size = size, .photos = photos});
  const std::vector<Tensor> images = single_images(cases);  // a scene, blank, noise
  for (std::size_t k = 0; k < std::min(count, images.size()); ++k) {
    inputs.push_back({fmt::format("{} {}x{}", cases[k].name.substr(0, cases[k].name.find('_')),
                                  size[0], size[1]),
                      batch_of(images, k, batch)});
  }
}

/// Images that one run takes: as many as the input says, else as there are lists of labels.
std::size_t images_at_once(const Detector& foreign) {
  const Shape& shape = foreign.contract().input.port.shape;
  if (shape.size() == 4 && shape[0] > 0) return static_cast<std::size_t>(shape[0]);
  const auto labels =
      std::ranges::count_if(foreign.session().outputs(), [](const PortInfo& output) {
        return output.dtype == DType::kInt64 && output.shape.size() == 1;
      });
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, labels));
}

Reference results_of(const Detector& foreign, const std::vector<InputCase>& inputs,
                     const CallControl& control) {
  Reference reference;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const InputCase& each = inputs[k];
    begin_step(control, {each.name, k, inputs.size()});
    ReferenceCase& one = reference.cases.emplace_back();
    one.name = each.name;
    one.input = each.input;
    try {
      const Preparation preparation = trained_preparation_for(foreign.contract().input);
      for (const Detections& found : foreign.run(each.input, preparation)) {
        one.images.push_back(tensors_of(found));
      }
    } catch (const Error& error) {
      one.skipped = error.parts().found;
    }
  }
  return reference;
}

ProofRow row_of(const ImageResult& image, const std::string& name) {
  ProofRow row;
  row.input = image.batch > 1 ? fmt::format("{}, image {}", name, image.image + 1) : name;
  if (!image.skipped.empty()) {
    row.before = "fails: " + image.skipped.substr(0, 60);
    row.verdict = "not compared";
    return row;
  }
  row.before = fmt::format("{} detections", image.comparison.expected);
  row.after = fmt::format("{} detections", image.comparison.found);
  row.verdict = fmt::format("same within {:.2g} px", image.comparison.worst.box);
  return row;
}

}  // namespace

Detector foreign_detector(const std::filesystem::path& path) {
  Session session(path, {});
  OnnxModel model = read_onnx_model(path);
  Contract contract = read_contract(session, model);
  contract.input.order = ChannelOrder::kRgb;  // whatever the order, both files get the same
  return {std::move(session), std::move(contract)};
}

ImageSize traced_size(const ImageSize& size, const TransformSpec& spec) {
  if (spec.fixed_size) return {spec.fixed_size->second, spec.fixed_size->first};
  const auto [shorter, longer] = std::minmax(size[0], size[1]);
  const auto ratio = [](std::int64_t side, double wanted) {
    const float reciprocal = 1.0F / static_cast<float>(side);
    return reciprocal * static_cast<float>(wanted);
  };
  const float scale = std::min(ratio(shorter, spec.min_size), ratio(longer, spec.max_size));
  const auto scaled = [scale](std::int64_t side) {
    const float product = static_cast<float>(side) * scale;
    return static_cast<std::int64_t>(std::floor(product));
  };
  return {scaled(size[0]), scaled(size[1])};
}

std::vector<InputCase> inputs_for(const Detector& foreign, const TransformSpec& spec,
                                  const std::vector<Tensor>& photos) {
  const auto batch = images_at_once(foreign);
  std::vector<InputCase> inputs;
  if (const auto only = foreign.contract().input.only_size()) {
    add_cases(inputs, *only, kScenes, batch, photos);
    return inputs;
  }
  std::size_t scenes = 0;
  for (const ImageSize& size : kDetectorSizes) {
    if (traced_size(size, spec) != resized_size(size, spec) || scenes == kScenes) continue;
    // Blank and noise at the first size only.
    add_cases(inputs, size, scenes == 0 ? kScenes : 1, batch, photos);
    ++scenes;
  }
  return inputs;
}

Equality require_equal(const Detector& foreign, const std::filesystem::path& rebuilt,
                       const std::vector<InputCase>& inputs, const CallControl& control) {
  const Detector detector(rebuilt);
  const Reference reference = results_of(foreign, inputs, control);
  const VerifyReport report = verify(detector, reference,
                                     {.tolerance = kDetectionTolerance,
                                      .max_flips = kMaxFlips,
                                      .control = {.progress = {}, .cancel = control.cancel}});
  Equality equality;
  for (const ImageResult& image : report.images) {
    equality.rows.push_back(row_of(image, image.case_name));
    if (image.skipped.empty()) ++equality.compared;
  }
  equality.detections = report.expected;
  if (report.verdict == Verdict::kNotEqual) {
    throw Error(
        {.code = "D112",
         .found = "the rebuilt file does not find what the original finds: " + report.reason,
         .hint = "a setting that the file does not tell may be wrong; give it as an option, "
                 "for example --min-size 640"});
  }
  return equality;
}

}  // namespace tv2onnx::doctor
