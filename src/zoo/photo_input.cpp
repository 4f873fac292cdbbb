#include "zoo/photo_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nn/detections.h"
#include "nn/image_input.h"
#include "nn/size_guard.h"
#include "tv2onnx/error.h"
#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

[[noreturn]] void refuse_photo(std::string found, std::string option, std::string expected) {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.item = std::move(option)},
               .expected = std::move(expected)});
}

/// What each preparation can begin with.
void require_input(InputMode input, Preprocess preprocess) {
  const std::string_view name = mode_name(kInputModes, input);
  const auto found = [&] {
    return fmt::format("{} with --preprocess {}", name, mode_name(kPreprocesses, preprocess));
  };
  if (preprocess == Preprocess::kFull && input != InputMode::kUint8) {
    refuse_photo(found(), "--input", "uint8: photos are resized as bytes, as Pillow does it");
  }
  if (preprocess == Preprocess::kNormalize && input == InputMode::kNormalized) {
    refuse_photo(found(), "--input", "float, uint8 or auto; --preprocess none normalises nothing");
  }
  if (preprocess == Preprocess::kNone && input != InputMode::kNormalized) {
    refuse_photo(found(), "--input", "normalized, or --preprocess normalize");
  }
}

void require_channels(const PhotoSpec& photo, std::int64_t channels) {
  const auto fits = [&](std::size_t count) {
    return count == 1 || static_cast<std::int64_t>(count) == channels;
  };
  if (fits(photo.mean.size()) && fits(photo.std.size())) return;
  refuse_photo(fmt::format("{} means and {} deviations for images of {} channels",
                           photo.mean.size(), photo.std.size(), channels),
               "--mean",
               fmt::format("--mean and --std with {} or 1 numbers, as in training, or "
                           "--preprocess none",
                           channels));
}

/// Whether images of callers can be smaller than the network takes. Photos as they are cut out may
/// not be.
bool may_be_too_small(const PhotoSpec& photo, bool full, std::int64_t smallest) {
  if (smallest == 1) return false;
  const bool cut = !photo.crop.empty();
  const std::vector<std::int64_t>& sides = cut ? photo.crop : photo.resize;
  const bool stays = full && !sides.empty();
  if (sides.empty() || std::ranges::min(sides) >= smallest) return !stays;
  refuse_photo(fmt::format("photos of {}", fmt::join(sides, "x")),
               cut ? "--crop-size" : "--resize-size",
               fmt::format("at least {0}x{0}: of smaller ones nothing is left in the last layers",
                           smallest));
}

/// What the network gets of the images that callers give.
Value network_input(Value input, const PhotoSpec& photo, const BuildOptions& options,
                    InputMode mode) {
  const Preprocess preprocess = preprocess_of(options, Task::kClassification);
  if (preprocess == Preprocess::kNone) return as_rgb(input, options.bgr);
  if (mode != InputMode::kUint8) {
    return normalised_photo(as_rgb(unit_planes(input, mode), options.bgr), photo, 1);
  }
  const Value pixels = preprocess == Preprocess::kFull ? photo_pixels(input, photo)
                                                       : cast(byte_planes(input), DType::kFloat32);
  return normalised_photo(as_rgb(pixels, options.bgr), photo, 255);
}

/// Photos become what the network was built for.
void require_crop(const PhotoSpec& photo, std::int64_t size) {
  const bool fits = !photo.crop.empty() &&
                    std::ranges::all_of(photo.crop, [&](auto side) { return side == size; });
  if (fits) return;
  refuse_photo(
      photo.crop.empty() ? "photos that are not cropped"
                         : fmt::format("photos cropped to {}", fmt::join(photo.crop, "x")),
      "--crop-size",
      fmt::format("--resize-size {0} --crop-size {0}, as the network is built for images of "
                  "{0}x{0}",
                  size));
}

}  // namespace

void option_rows(OptionRows& row, PhotoSpec& settings) {
  row("resize_size", kinds::kOneOrTwoCountsOrNone, "",
      "what photos are resized to: the shorter side, or height and width; None: not at all",
      settings.resize);
  row("crop_size", kinds::kOneOrTwoCountsOrNone, "",
      "what is cut out of the middle: the side of a square, or height and width; None: everything",
      settings.crop);
  std::string interpolation = settings.bicubic ? "bicubic" : "bilinear";
  row("interpolation", kinds::kInterpolation, "", "how photos are resized: bilinear or bicubic",
      interpolation);
  settings.bicubic = interpolation == "bicubic";
  row("antialias", kinds::kFlag, "",
      "resize as Pillow does; false: as torch resizes tensors without antialiasing",
      settings.antialias);
  row("mean", kinds::kPerChannel, "", "mean of each channel of 0..1", settings.mean);
  row("std", kinds::kPositivePerChannel, "", "standard deviation of each channel of 0..1",
      settings.std);
}

PhotoSpec default_photo(std::string_view arch, const PhotoSpec& otherwise) {
  PhotoSpec photo = otherwise;
  for (const OfficialWeights& weights : official_weights()) {
    if (weights.arch == arch && weights.photo.shorter_side > 0) photo = photo_of(weights);
  }
  photo.mean = otherwise.mean;
  photo.std = otherwise.std;
  return photo;
}

std::optional<PhotoSpec> photo_of(const Config& config) {
  if (!config.has("resize_size")) return std::nullopt;
  return read_options<PhotoSpec>(config);
}

Value photo_input(Graph& graph, std::int64_t channels, const Config& config,
                  const BuildOptions& options, const ImageSides& sides) {
  if (options.detection.size && sides.only == kAny) {
    refuse_photo("a size of the input", "--size",
                 "no --size: this network takes images of any size");
  }
  const auto photo = read_options<PhotoSpec>(config);
  const InputMode mode = input_mode(options, Task::kClassification);
  const Preprocess preprocess = preprocess_of(options, Task::kClassification);
  require_input(mode, preprocess);
  if (preprocess != Preprocess::kNone) require_channels(photo, channels);
  const NameScope names(graph, "input");
  const bool full = preprocess == Preprocess::kFull;
  if (full && sides.only != kAny) require_crop(photo, sides.only);
  const bool limited = may_be_too_small(photo, full, sides.smallest);
  ImageShape shape;
  if (!full && sides.only != kAny) shape.height = shape.width = sides.only;
  const Value input = image_input(graph, mode, options.bgr, channels, shape);
  const Value x = network_input(input, photo, options, mode);
  if (!limited) return x;
  // Runtimes answer with numbers (AlexNet, VGG), or divide by zero and end the process
  // (SqueezeNet).
  const std::int64_t least = sides.smallest;
  return guarded(x, {.at_least = {0, 0, least, least}, .multiple_of = {1, 1, 1, 1}},
                 fmt::format("height_and_width_must_be_{}_at_least", least));
}

}  // namespace tv2onnx
