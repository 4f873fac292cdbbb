#pragma once
// One row per option: torchvision's keyword, its kind, where a whole module keeps the value, what
// it means, and the member of a layer's options that it fills. What that member is before is the
// default.
//
//   void option_rows(OptionRows& row, DenseSpec& spec) {
//     row("nms_thresh", kinds::kProbability, "nms_thresh", "IoU above which ...", spec.nms_thresh);
//   }
//   declare_options(DenseSpec{.nms_thresh = 0.6})  // for the table of models
//   read_options<DenseSpec>(config)                // while building

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/option_kinds.h"

namespace tv2onnx {

Setting to_setting(double value);
Setting to_setting(std::int64_t value);
Setting to_setting(bool value);
Setting to_setting(const Setting& value);
Setting to_setting(const std::string& value);
Setting to_setting(const std::vector<double>& values);
/// None, a number, or a list of several.
Setting to_setting(const std::vector<std::int64_t>& values);
Setting to_setting(const std::array<double, 4>& values);
Setting to_setting(const std::vector<std::vector<double>>& rows);
Setting to_setting(const std::vector<std::string>& names);
Setting to_setting(const std::optional<std::vector<double>>& values);
Setting to_setting(const std::optional<std::vector<std::string>>& names);
Setting to_setting(const std::optional<std::pair<std::int64_t, std::int64_t>>& pair);

/// The other way, of values that fit the kind.
void read_setting(const Setting& setting, double& value);
void read_setting(const Setting& setting, std::int64_t& value);
void read_setting(const Setting& setting, bool& value);
void read_setting(const Setting& setting, Setting& value);
void read_setting(const Setting& setting, std::string& value);
void read_setting(const Setting& setting, std::vector<double>& values);
void read_setting(const Setting& setting, std::vector<std::int64_t>& values);
void read_setting(const Setting& setting, std::array<double, 4>& values);
void read_setting(const Setting& setting, std::vector<std::vector<double>>& rows);
void read_setting(const Setting& setting, std::vector<std::string>& names);
void read_setting(const Setting& setting, std::optional<std::vector<double>>& values);
void read_setting(const Setting& setting, std::optional<std::vector<std::string>>& names);
void read_setting(const Setting& setting,
                  std::optional<std::pair<std::int64_t, std::int64_t>>& pair);

/// Goes through rows to declare options, or to read them.
class OptionRows {
 public:
  explicit OptionRows(std::vector<Option>& options) : options_(&options) {}
  explicit OptionRows(const Config& config) : config_(&config) {}

  template <typename Member>
  void operator()(std::string_view name, const OptionKind& kind, std::string_view attribute,
                  std::string_view help, Member& member) {
    const std::string full = joined(name_, name);
    if (config_ != nullptr) return read_setting((*config_)[full], member);
    options_->push_back(
        {full, kind, to_setting(member), joined(attribute_, attribute), std::string(help)});
  }

  /// The rows of a part: `name` and a dot come before their keywords, `attribute` and a dot before
  /// where a module has them.
  OptionRows below(std::string_view name, std::string_view attribute) const {
    OptionRows part(*this);
    part.name_ = joined(name_, name);
    part.attribute_ = joined(attribute_, attribute);
    return part;
  }

 private:
  static std::string joined(std::string_view prefix, std::string_view leaf) {
    return prefix.empty() ? std::string(leaf) : std::string(prefix) + "." + std::string(leaf);
  }

  std::vector<Option>* options_ = nullptr;
  const Config* config_ = nullptr;
  std::string name_;
  std::string attribute_;
};

/// Where the options of a part stand: see OptionRows::below.
struct OptionPlace {
  std::string name = {};
  std::string attribute = {};
};

/// The options of a spec, with its values as defaults.
template <typename Spec>
std::vector<Option> declare_options(Spec standard, const OptionPlace& place = {}) {
  std::vector<Option> options;
  OptionRows rows = OptionRows(options).below(place.name, place.attribute);
  option_rows(rows, standard);
  return options;
}

/// The spec with the values of the config.
template <typename Spec>
Spec read_options(const Config& config, const OptionPlace& place = {}) {
  Spec spec;
  OptionRows rows = OptionRows(config).below(place.name, place.attribute);
  option_rows(rows, spec);
  return spec;
}

}  // namespace tv2onnx
