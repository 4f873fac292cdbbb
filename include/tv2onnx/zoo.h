#pragma once
/// \file
/// The models that can be exported: one table, and what is found out about a checkpoint.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/task.h"

namespace TV2ONNX_API tv2onnx {

/// What values an option takes.
struct OptionKind {
  bool (*accepts)(const Setting& value);
  std::string_view values;  ///< for people: "0 to 1"
  bool names = false;       ///< text on a command line is a list of names, not JSON
  bool text = false;        ///< text on a command line is the value, not JSON
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

  bool has(std::string_view name) const;
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

/// What is known of a backbone whose nodes come from a file of its own: docs/backbones.md.
struct ForeignBackbone {
  struct Map {
    std::string name;  ///< torchvision's key: "0", "pool"
    std::int64_t channels = 0;
    std::int64_t stride = 1;  ///< pixels per cell, a power of two
  };
  std::string file;            ///< for messages
  std::int64_t channels = 3;   ///< of the images
  std::vector<Map> maps = {};  ///< fine to coarse
  /// What the file is in the model, "backbone" or "backbone.body"; "" if it does not say so.
  std::string module = {};
  /// Shapes of the maps for images of a shape. \throws Error W007 if nothing tells them.
  std::function<std::vector<Shape>(const Shape& images)> shapes_of = {};
};

/// What a user chooses of a detector's file.
struct DetectionBuild {
  MaskOutput masks = MaskOutput::kAuto;
  /// No shape follows from what is found in an image, but for the list that NonMaxSuppression
  /// gives, and all operators are those that most runtimes have. Some of the speed goes.
  bool portable = false;
  /// Height and width of the input of OutputMode::kRaw, SSD's being its fixed_size, and of portable
  /// files that take images of one size.
  std::optional<std::array<std::int64_t, 2>> size = {};
  /// How many images a portable file takes. Nothing: any number.
  std::optional<std::int64_t> batch = {};
  /// What is built instead of the checkpoint's backbone.
  std::optional<ForeignBackbone> backbone = {};
};

/// What a user chooses beside the model's own options.
struct BuildOptions {
  std::optional<InputMode> input = {};  ///< nothing: what the task has: see input_mode()
  bool bgr = false;                     ///< the input's channels are BGR
  TorchvisionVersion torchvision = {};
  std::optional<OutputMode> outputs = {};     ///< nothing: the first of output_modes()
  DetectionBuild detection = {};              ///< of Task::kDetection
  std::optional<Preprocess> preprocess = {};  ///< of all other tasks; nothing: kFull
  std::optional<std::int64_t> top = {};       ///< of OutputMode::kTopK; nothing: 5
  std::vector<std::string> features = {};     ///< modules whose outputs the file gives, too
};

/// The outputs that models of a task can have, first what they have if nothing is said.
std::span<const OutputMode> output_modes(Task task);
/// The chosen outputs. \throws Error U002 for those of another task.
OutputMode output_mode(const BuildOptions& options, Task task);
/// The chosen preparation, or all of it; clips and pairs of images have none.
Preprocess preprocess_of(const BuildOptions& options, Task task);
/// The chosen input, or what the task has: floats of a detector and of Preprocess::kNormalize,
/// bytes of Preprocess::kFull, what the network takes of Preprocess::kNone.
InputMode input_mode(const BuildOptions& options, Task task);

/// kAuto settled: kRoi or kFull.
MaskOutput mask_output(const BuildOptions& options);

/// One row of the table.
struct Model {
  std::string name;         ///< torchvision's builder: "fasterrcnn_mobilenet_v3_large_fpn"
  std::string description;  ///< one line
  Task task = Task::kDetection;
  std::vector<Option> options;
  /// Builds inputs, nodes and outputs into the scope's graph.
  std::function<void(Scope scope, const Config& config, const BuildOptions& options)> build;
  std::vector<std::string> outputs;  ///< names, without those that only some files have
  bool background = true;            ///< class 0 is none of the objects

  bool has_output(std::string_view output) const;
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

/// What a checkpoint was found to be.
struct Recognition {
  /// Rows of the table, most likely first; none: nothing that can be exported.
  std::vector<const Model*> candidates;
  /// Their builds use every tensor of the checkpoint. Else they are what the keys say, and a build
  /// tells what does not fit.
  bool complete = false;
  std::string name;  ///< also of what is not in the table: "a Swin Transformer"; may be ""
  std::vector<std::string> reasons;  ///< the keys and attributes that say so
  std::string ambiguity;             ///< what settles which candidate it is; may be ""
  std::string way_out;  ///< how else a model without candidates becomes an ONNX file; may be ""
  std::vector<ImpliedSetting> settings;  ///< what the keys say that an option's default does not
  /// What the first candidate's build assumes because the weights do not tell it.
  std::vector<std::string> assumed = {};
  std::int64_t classes = 0;  ///< of a complete classifier
  /// Modules of a whole module that compute something else than the first candidate's graph, one
  /// sentence each.
  std::vector<std::string> differences;

  /// The first candidate, or null.
  const Model* model() const { return candidates.empty() ? nullptr : candidates.front(); }
};
/// Tells families by keys and their members by building them; `backbone`: instead of a detector's
/// own, or null.
Recognition recognise(const Checkpoint& checkpoint, const ForeignBackbone* backbone = nullptr);

/// Number of classes, from the box predictor, with the background where the model has one; 0 if
/// there is no predictor.
std::int64_t class_count(const Checkpoint& checkpoint);
/// "7 classes with background", "1 class".
std::string class_count_text(const Model& model, std::int64_t classes);

/// The names as a file of this model has them: with the background where the count includes it.
/// Empty if their number is another one.
std::vector<std::string> fitted_names(std::vector<std::string> names, std::int64_t classes,
                                      bool may_lack_background = true);

/// The class names that the checkpoint has for so many classes, and one line on what it has
/// otherwise.
struct FoundNames {
  std::vector<std::string> names;
  std::string place;  ///< where in the file
  std::string note;   ///< "" unless there are names that do not fit
};
FoundNames found_class_names(const Checkpoint& checkpoint, std::int64_t classes,
                             bool may_lack_background = true);

/// The attribute of a whole-module checkpoint at a dotted path that may lead through modules and
/// dicts, or null.
const Setting* find_attribute(const Checkpoint& checkpoint, std::string_view path);

}  // namespace TV2ONNX_API tv2onnx
