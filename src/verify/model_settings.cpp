#include "verify/model_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/resized_size.h"
#include "tv2onnx/error.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

using Metadata = std::map<std::string, std::string>;

/// The settings of a dict, None of anything else.
Setting settings_of(const Setting& stated) {
  if (stated.dict() == nullptr) return {};
  SettingDict all = *stated.dict();
  for (auto& [name, value] : all) {
    // Of several sizes, torchvision takes the last one when it does not train.
    const SettingList* sizes = name == "min_size" ? value.list() : nullptr;
    if (sizes != nullptr && !sizes->empty()) value = Setting(sizes->back());
  }
  return {std::move(all)};
}

std::string value_in(const Metadata& metadata, const char* key) {
  const auto entry = metadata.find(key);
  return entry == metadata.end() ? "" : entry->second;
}

/// What `read` makes of an entry of the metadata. \throws Error `code`: it is damaged.
template <typename Read>
auto read_entry(const std::string& text, ErrorCode code, const std::string& file, const char* key,
                Read read) {
  try {
    return read(text);
  } catch (const Error& error) {
    throw Error({.code = code,
                 .found = "damaged metadata: " + error.parts().found,
                 .where = {.file = file, .item = key},
                 .hint = code == "V002" ? "record it again with scripts/record_reference.py"
                                        : "export the checkpoint again"});
  }
}

std::optional<TorchvisionVersion> version_of(const std::string& text, ErrorCode code,
                                             const std::string& file, const char* key) {
  if (text.empty()) return std::nullopt;
  return read_entry(text, code, file, key, parse_torchvision_version);
}

/// Equal as Python compares: 320 is 320.0, and so in lists. One number is for all channels.
bool same(const Setting& a, const Setting& b) {
  double x = 0;
  double y = 0;
  if (a.number(x) && b.number(y)) return x == y;
  const auto all_are = [](const Setting& list, const Setting& number) {
    return list.list() != nullptr &&
           std::ranges::all_of(*list.list(), [&](const Setting& one) { return same(one, number); });
  };
  if (a.number(x)) return all_are(b, a);
  if (b.number(y)) return all_are(a, b);
  if (a.list() == nullptr || b.list() == nullptr) return a == b;
  return std::ranges::equal(*a.list(), *b.list(), same);
}

std::optional<double> number_in(const Setting* setting) {
  double value = 0;
  if (setting == nullptr || !setting->number(value)) return std::nullopt;
  return value;
}

// Of what a file or recording says, which may be anything.
constexpr double kLargest = std::numeric_limits<std::int32_t>::max();

bool is_side(double number) {
  return number > 0 && number <= kLargest;
}

std::string_view rule_text(ResizeRule rule) {
  return rule == ResizeRule::kDouble ? "double" : "float32";
}

/// What torchvision pads a resized image to: each side to the next multiple.
ImageSize padded(ImageSize size, double step) {
  for (std::int64_t& side : size) {
    side = static_cast<std::int64_t>(std::ceil(static_cast<double>(side) / step) * step);
  }
  return size;
}

}  // namespace

ModelSettings::ModelSettings(const Detector& detector, const Reference& reference) {
  const FileMetadata& file = detector.contract().metadata;
  file_ = settings_of(file.config);
  file_version_ =
      version_of(file.torchvision, "R007", detector.session().file(), "tv2onnx.torchvision");
  const std::string settings = value_in(reference.metadata, "settings");
  if (!settings.empty()) {
    reference_ =
        settings_of(read_entry(settings, "V002", reference.source, "settings", parse_json));
  }
  reference_version_ = version_of(value_in(reference.metadata, "torchvision"), "V002",
                                  reference.source, "torchvision");
  const Contract& contract = detector.contract();
  if (contract.outputs.form == DetectionOutputs::Form::kRaw) {
    only_size_ = contract.input.only_size();
  }
}

const Setting* ModelSettings::setting(std::string_view name, bool of_reference) const {
  const Setting* own = (of_reference ? reference_ : file_).find(name);
  return own != nullptr ? own : (of_reference ? file_ : reference_).find(name);
}

bool ModelSettings::uses(std::string_view name, bool of_reference) const {
  const Setting& own = of_reference ? reference_ : file_;
  const Setting* value = (own.dict() != nullptr ? own : file_).find(name);
  return value != nullptr && !value->is_none() && *value != Setting{false};
}

DetectionRules ModelSettings::rules() const {
  // R-CNNs have the prefix, one-stage models have not.
  const auto number = [&](const std::string& name) {
    const Setting* prefixed = setting("box_" + name);
    return number_in(prefixed != nullptr ? prefixed : setting(name));
  };
  DetectionRules rules{.score_threshold = number("score_thresh"),
                       .nms_threshold = number("nms_thresh"),
                       .max_detections = {}};
  const auto limit = number("detections_per_img");
  if (limit && *limit >= 0 && *limit <= kLargest) {
    rules.max_detections = static_cast<std::size_t>(*limit);
  }
  return rules;
}

std::optional<TransformSpec> ModelSettings::transform(bool of_reference) const {
  const auto version = of_reference ? reference_version_ : file_version_;
  const auto min_size = number_in(setting("min_size", of_reference));
  const auto max_size = number_in(setting("max_size", of_reference));
  if (!min_size || !max_size || !version || !is_side(*min_size) || !is_side(*max_size)) {
    return std::nullopt;
  }
  TransformSpec spec;
  spec.min_size = *min_size;
  spec.max_size = *max_size;
  spec.rule = resize_rule(*version);
  spec.no_resize = uses("no_resize", of_reference);
  const Setting* fixed = setting("fixed_size", of_reference);
  if (fixed != nullptr && fixed->list() != nullptr && fixed->list()->size() == 2) {
    const auto width = number_in(&fixed->list()->front());
    const auto height = number_in(&fixed->list()->back());
    if (width && height && is_side(*width) && is_side(*height)) {
      spec.fixed_size = {static_cast<std::int64_t>(*width), static_cast<std::int64_t>(*height)};
    }
  }
  return spec;
}

std::optional<ImageSize> ModelSettings::resized(const ImageSize& size) const {
  const auto spec = transform(false);
  return spec ? std::optional(resized_size(size, *spec)) : std::nullopt;
}

std::optional<ImageSize> ModelSettings::reference_resized(const ImageSize& size) const {
  const auto spec = transform(true);
  const auto own = resized(size);
  if (!spec || !own) return std::nullopt;
  const ImageSize other = resized_size(size, *spec);
  return other == *own ? std::nullopt : std::optional(other);
}

std::vector<std::string> ModelSettings::notes(std::size_t other_sizes, std::size_t images) const {
  std::vector<std::string> notes;
  if (file_version_ && reference_version_ &&
      resize_rule(*file_version_) != resize_rule(*reference_version_)) {
    const std::string effect =
        other_sizes == 0 ? "These images come out at the same sizes either way"
                         : fmt::format(
                               "{} of {} images are resized to another size; an export with "
                               "--torchvision {} compares exactly",
                               other_sizes, images, to_text(*reference_version_));
    notes.push_back(fmt::format(
        "the reference comes from torchvision {}, which computes image sizes in {}; the file "
        "mimics {}, which computes them in {}. {}",
        to_text(*reference_version_), rule_text(resize_rule(*reference_version_)),
        to_text(*file_version_), rule_text(resize_rule(*file_version_)), effect));
  }
  if (file_.dict() == nullptr || reference_.dict() == nullptr) return notes;
  const bool own_size = uses("no_resize", false) && uses("no_resize", true);
  for (const auto& [name, value] : *reference_.dict()) {
    if (own_size && (name == "min_size" || name == "max_size")) continue;
    const Setting* own = file_.find(name);
    if (own == nullptr || same(*own, value)) continue;
    notes.push_back(fmt::format("the reference was made with {} = {}, the file has {}", name,
                                to_json(value), to_json(*own)));
  }
  for (const std::string_view name : {"no_resize", "normalized_with"}) {
    if (!uses(name, false) || uses(name, true)) continue;
    notes.push_back(fmt::format("the file has {} = {}, and the reference was made without", name,
                                to_json(*file_.find(name))));
  }
  return notes;
}

std::string ModelSettings::padded_otherwise(const ImageResult& image) const {
  const double step = number_in(setting("size_divisible")).value_or(0);
  if (!only_size_ || !is_side(step) || !image.resized) return "";
  const ImageSize size = padded(image.reference_resized.value_or(*image.resized), step);
  if (size == *only_size_) return "";
  return fmt::format(
      "torchvision pads it to {0}x{1} and the file to {2}x{3}, where a network gives other "
      "numbers; "
      "an export with --size {0}x{1} compares it",
      size[0], size[1], (*only_size_)[0], (*only_size_)[1]);
}

}  // namespace tv2onnx
