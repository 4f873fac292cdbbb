// What the keyword arguments of Python become.

#include <fmt/format.h>

#include <string_view>

#include "bindings.h"
#include "cli/evaluate_detector.h"
#include "cli/recorded_features.h"
#include "tv2onnx/backbone.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error.h"
#include "zoo/detection/options.h"

namespace tv2onnx::python {
namespace {

/// What an option of type T is in Python.
template <typename T>
constexpr std::string_view wanted() {
  if constexpr (std::is_same_v<T, bool>) return "True or False";
  if constexpr (std::is_same_v<T, std::string>) return "text";
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return "a list of names";
  if constexpr (std::is_same_v<T, std::optional<std::vector<std::int64_t>>>)
    return "(height, width)";
  if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) return "a list of numbers";
  return "a number";
}

/// Reads the attribute `name`, if it is there and not None, into `member`.
template <typename T>
void take(const nb::dict& options, const char* name, T& member) {
  if (!options.contains(name) || options[name].is_none()) return;
  if (nb::try_cast<T>(options[name], member)) return;
  const auto kind = nb::cast<std::string>(nb::object(options[name]).type().attr("__name__"));
  throw nb::type_error(fmt::format("{} is a {}; give {}", name, kind, wanted<T>()).c_str());
}

template <typename Mode, std::size_t kCount, typename Member>
void take_mode(const nb::dict& options, const char* name, const ModeNames<Mode, kCount>& names,
               Member& member) {
  std::string text;
  take(options, name, text);
  if (text.empty()) return;
  std::vector<std::string> known;
  for (const auto& [one, mode] : names) {
    if (one == text) {
      member = mode;
      return;
    }
    known.emplace_back(one);
  }
  throw Error({.code = "U001",
               .found = "'" + text + "' is no value of " + name,
               .expected = "one of: " + nb::cast<std::string>(nb::str(", ").attr("join")(known))});
}

void take_settings(const nb::dict& options, ExportOptions& taken) {
  std::string text;
  take(options, "settings", text);
  if (text.empty()) return;
  const Setting settings = parse_json(text);
  for (const auto& [name, value] : *settings.dict()) {
    taken.overrides.push_back({name, value, "settings"});
  }
}

/// The release to match: the one asked for, else that in which a live module runs, where images are
/// resized otherwise than by default.
void take_torchvision(const nb::dict& options, BuildOptions& build) {
  std::string wanted;
  std::string imported;
  take(options, "torchvision", wanted);
  take(options, "imported_torchvision", imported);
  if (!wanted.empty()) {
    build.torchvision = parse_torchvision_version(wanted);
  } else if (!imported.empty()) {
    const TorchvisionVersion version = parse_torchvision_version(imported);
    if (resize_rule(version) != resize_rule(build.torchvision)) build.torchvision = version;
  }
}

/// A path, or bytes, which the options keep.
void take_backbone(const nb::dict& options, ExportOptions& taken) {
  std::vector<std::int64_t> strides;
  take(options, "strides", strides);
  if (!options.contains("backbone")) {
    if (strides.empty()) return;
    throw Error({.code = "U002", .found = "strides without backbone", .hint = "leave strides out"});
  }
  BackboneFile file{.path = "<the backbone>", .strides = std::move(strides)};
  if (nb::isinstance<nb::bytes>(options["backbone"])) {
    file.bytes = span_of(nb::borrow<nb::bytes>(options["backbone"]));
  } else {
    file.path = nb::cast<std::string>(options["backbone"]);
  }
  std::string features;
  take(options, "backbone_features", features);
  if (!features.empty()) cli::require_recorded_features(file, features);
  file.measure = run_backbone(file.path, file.bytes, {});
  taken.backbone = std::move(file);
}

void take_detection(const nb::dict& options, DetectionBuild& build) {
  std::optional<std::vector<std::int64_t>> size;
  std::string target;
  take(options, "size", size);
  take(options, "batch", build.batch);
  take(options, "target", target);
  if (size && size->size() == 2) build.size = {{(*size)[0], (*size)[1]}};
  if (!target.empty()) {
    require_target(target);
    build.portable = true;
  }
  take_mode(options, "masks", kMaskOutputs, build.masks);
}

}  // namespace

std::span<const std::byte> span_of(const nb::bytes& bytes) {
  return {static_cast<const std::byte*>(bytes.data()), bytes.size()};
}

ExportOptions export_options(const nb::dict& options) {
  ExportOptions taken;
  take(options, "arch", taken.arch);
  take(options, "weights", taken.weights);
  take(options, "assume_torchvision", taken.assume_torchvision);
  take(options, "class_names", taken.class_names);
  take(options, "external_data", taken.write.external_data);
  take(options, "overwrite", taken.write.overwrite);
  take(options, "bgr", taken.build.bgr);
  take(options, "features", taken.build.features);
  std::optional<int> opset;
  std::optional<std::int64_t> top;
  take(options, "opset_version", opset);
  take(options, "top", top);
  take_torchvision(options, taken.build);
  taken.opset = opset;
  taken.build.top = top;
  take_mode(options, "input", kInputModes, taken.build.input);
  take_mode(options, "outputs", kOutputModes, taken.build.outputs);
  take_mode(options, "preprocess", kPreprocesses, taken.build.preprocess);
  take_mode(options, "precision", kPrecisions, taken.precision);
  take_detection(options, taken.build.detection);
  take_settings(options, taken);
  take_backbone(options, taken);
  return taken;
}

QuantizeOptions quantize_options(const nb::dict& options) {
  QuantizeOptions taken;
  take_mode(options, "recipe", kRecipes, taken.recipe);
  std::optional<int> weight_bits;
  take(options, "weight_bits", weight_bits);
  if (weight_bits && *weight_bits != 7 && *weight_bits != 8) {
    throw Error({.code = "U001",
                 .found = fmt::format("weight_bits={}", *weight_bits),
                 .expected = "7 or 8"});
  }
  taken.weight_bits = weight_bits;
  take(options, "fewest_kept", taken.fewest_kept);
  take(options, "overwrite", taken.write.overwrite);
  take(options, "library", taken.session.library);
  return taken;
}

cli::DetectorEvaluation detector_evaluation(const nb::dict& options) {
  cli::DetectorEvaluation taken;
  take(options, "model", taken.model);
  take(options, "results", taken.results);
  take(options, "annotations", taken.annotations);
  take(options, "images", taken.images);
  take(options, "against", taken.against);
  take(options, "curve", taken.curve);
  take(options, "worst", taken.worst);
  take(options, "worst_folder", taken.worst_folder);
  take(options, "confusion", taken.confusion);
  take(options, "overwrite", taken.overwrite);
  take(options, "class_names", taken.class_names);
  take(options, "library", taken.session.library);
  take_mode(options, "kind", cli::kCocoKinds, taken.kind);
  return taken;
}

Precision precision_of(const nb::dict& options) {
  Precision precision = Precision::kFloat32;
  take_mode(options, "precision", kPrecisions, precision);
  return precision;
}

}  // namespace tv2onnx::python
