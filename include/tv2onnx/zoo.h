#pragma once
/// \file
/// The models that can be exported: one table, and what is found out about a checkpoint.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/setting.h"

namespace TV2ONNX_API tv2onnx {

/// What values an option takes.
enum class OptionKind {
  kCount,        ///< int >= 1
  kInteger,      ///< int >= 0
  kSize,         ///< number > 0; a list counts by its last entry, as torchvision does in eval mode
  kProbability,  ///< number 0..1
  kNonNegative,  ///< number >= 0
  kNumbers,      ///< list of numbers
  kPositives,    ///< list of numbers > 0
  kNestedNumbers,      ///< list of lists of numbers > 0, one per feature map
  kNestedOrEmpty,      ///< the same, but the inner lists may be empty
  kOptionalPositives,  ///< None, or a list of numbers > 0
  kFlag,               ///< true or false
  kNames,              ///< list of strings
  kOptionalSize,       ///< None, or a list of two ints: width, height
  kPoolSize,           ///< int, or a list of two ints: height, width
};

/// A keyword argument of a torchvision builder.
struct Option {
  std::string name;  ///< torchvision's keyword: "box_score_thresh"
  OptionKind kind;
  Setting standard;       ///< torchvision's default for this model
  std::string attribute;  ///< where a whole-module checkpoint has it: "roi_heads.score_thresh"
  std::string help;
};

/// The values of a model's options, and where each comes from.
class Config {
 public:
  explicit Config(std::span<const Option> options);

  /// \throws Error U001 (no such option), U002 (value out of range). `origin` is for messages.
  void set(std::string_view name, Setting value, std::string origin);
  /// Takes over what a whole-module checkpoint says.
  void take_from(const Checkpoint& checkpoint);

  double number(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::vector<double> numbers(std::string_view name) const;
  std::vector<std::vector<double>> nested_numbers(std::string_view name) const;
  std::vector<std::string> names(std::string_view name) const;
  const Setting& operator[](std::string_view name) const;
  const std::string& origin(std::string_view name) const;  ///< "default", "checkpoint", ...
  /// All values in table order, as recorded in the metadata of exported files.
  SettingDict all() const;

 private:
  struct Entry {
    const Option* option;
    Setting value;
    std::string origin;
  };
  const Entry& entry(std::string_view name) const;
  std::vector<Entry> entries_;
};

/// A release of torchvision whose arithmetic is mimicked.
struct TorchvisionVersion {
  int major = 0;
  int minor = 21;
  auto operator<=>(const TorchvisionVersion&) const = default;
};
/// "0.14", "0.14.1+cu117". \throws Error U002.
TorchvisionVersion parse_torchvision_version(std::string_view text);
std::string to_text(TorchvisionVersion version);

/// What a user chooses beside the model's own options.
struct BuildOptions {
  InputMode input = InputMode::kFloat;
  OutputMode outputs = OutputMode::kBatched;
  MaskOutput masks = MaskOutput::kAuto;
  bool bgr = false;  ///< the input's channels are BGR
  /// Height and width of the input of OutputMode::kRaw. SSD's is its fixed_size.
  std::optional<std::array<std::int64_t, 2>> size = {};
  TorchvisionVersion torchvision;
};

/// kAuto settled: kRoi or kFull.
MaskOutput mask_output(const BuildOptions& options);

/// One row of the table.
struct Model {
  std::string name;         ///< torchvision's builder: "fasterrcnn_mobilenet_v3_large_fpn"
  std::string description;  ///< one line
  std::vector<Option> options;
  /// Builds inputs, nodes and outputs into the scope's graph.
  void (*build)(Scope scope, const Config& config, const BuildOptions& options);
  bool masks = false;      ///< the model finds masks, so that BuildOptions::masks means something
  bool keypoints = false;  ///< the model finds keypoints
};

/// All models, in table order.
std::span<const Model> models();
/// \throws Error U001 with the nearest name.
const Model& find_model(std::string_view name);

/// The value of an option that follows from something else than the user's word.
struct ImpliedSetting {
  std::string name;  ///< of the option
  Setting value;
  std::string origin;  ///< for messages
};

/// What a checkpoint looks like.
struct ArchGuess {
  const Model* model = nullptr;  ///< null: none of the table
  std::string name;              ///< also for architectures that are not in the table; may be ""
  std::vector<std::string> reasons;  ///< the keys and attributes that say so
  std::string ambiguity;             ///< what the file cannot tell, and what settles it; may be ""
  std::vector<std::string> same_weights;  ///< other rows that these weights fit as well
  std::vector<ImpliedSetting> settings;   ///< what the keys say that an option's default does not
};
ArchGuess detect_arch(const Checkpoint& checkpoint);

/// Number of classes with background, from the box predictor; 0 if there is none.
std::int64_t class_count(const Checkpoint& checkpoint);

/// The attribute of a whole-module checkpoint at a dotted path that may lead through modules and
/// dicts, or null.
const Setting* find_attribute(const Checkpoint& checkpoint, std::string_view path);

}  // namespace TV2ONNX_API tv2onnx
