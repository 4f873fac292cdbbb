#pragma once
/// \file
/// Where models get their weights: a scope (graph, weight source, dotted prefix) that layers are
/// called with, and the book-keeping of which tensors were asked for.

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/graph.h"

namespace TV2ONNX_API tv2onnx {

/// The values of a mode under the names that options and metadata have for them.
template <typename Mode, std::size_t kCount>
using ModeNames = std::array<std::pair<std::string_view, Mode>, kCount>;

/// The name of a mode; "" if the table has none.
template <typename Mode, std::size_t kCount>
constexpr std::string_view mode_name(const ModeNames<Mode, kCount>& names, Mode mode) {
  for (const auto& [name, value] : names) {
    if (value == mode) return name;
  }
  return "";
}

/// What an exported model takes.
enum class InputMode {
  kFloat,       ///< float32 [batch, 3, height, width], RGB, 0..1, as torchvision's models
  kUint8,       ///< uint8 [batch, height, width, 3], RGB, 0..255
  kAuto,        ///< as kFloat, but an image with a maximum above 1.5 is divided by 255
  kNormalized,  ///< as kFloat, but normalised by the caller: the graph does not do it
};

inline constexpr ModeNames<InputMode, 4> kInputModes{{{"float", InputMode::kFloat},
                                                      {"uint8", InputMode::kUint8},
                                                      {"auto", InputMode::kAuto},
                                                      {"normalized", InputMode::kNormalized}}};

/// How much of a photo's preparation is in the graph of a model that is no detector.
enum class Preprocess {
  kNone,       ///< nothing: the network's own input, resized, cropped and normalised by the caller
  kNormalize,  ///< the normalisation: the caller resizes and crops
  kFull,       ///< all of it: photos of any size, as bytes
};
inline constexpr ModeNames<Preprocess, 3> kPreprocesses{{{"full", Preprocess::kFull},
                                                         {"normalize", Preprocess::kNormalize},
                                                         {"none", Preprocess::kNone}}};

/// How photos become what a network was trained on: torchvision's transforms/_presets.py.
struct PhotoSpec {
  /// One number: the shorter side after resizing; two: height and width; none: no resizing.
  std::vector<std::int64_t> resize = {256};
  /// What is cut out of the middle: height and width, or one number for both; none: everything.
  std::vector<std::int64_t> crop = {224};
  bool bicubic = false;   ///< else bilinear
  bool antialias = true;  ///< as Pillow resizes; false: as torch resizes tensors without it
  std::vector<double> mean{0.485, 0.456, 0.406};  ///< of 0..1, by channel or one for all
  std::vector<double> std{0.229, 0.224, 0.225};   ///< likewise
};

/// What an exported model returns. Which of them a model has depends on its task: output_modes().
enum class OutputMode {
  kBatched,  ///< rows of the image with most detections; unused rows are zeros
  kFixed,    ///< always box_detections_per_img rows
  kFlat,     ///< the detections of all images in one list, as files of torch.onnx.export
  kRaw,  ///< raw outputs of the heads, for one image of a fixed size and with static shapes only;
         ///< the library decodes and selects. One-stage models
  kLogits,         ///< a score for each class, before softmax
  kProbabilities,  ///< the same after softmax
  kTopK,           ///< the largest probabilities, and their classes
  kLabels,         ///< the class of each pixel
  kFlow,           ///< pixels that each pixel has moved
  kAll,            ///< the same after each update, too
};
inline constexpr ModeNames<OutputMode, 10> kOutputModes{
    {{"batched", OutputMode::kBatched},
     {"fixed", OutputMode::kFixed},
     {"flat", OutputMode::kFlat},
     {"raw", OutputMode::kRaw},
     {"logits", OutputMode::kLogits},
     {"probabilities", OutputMode::kProbabilities},
     {"topk", OutputMode::kTopK},
     {"labels", OutputMode::kLabels},
     {"flow", OutputMode::kFlow},
     {"all", OutputMode::kAll}}};

/// How an exported Mask R-CNN returns masks.
enum class MaskOutput {
  kAuto,  ///< kFull for OutputMode::kFlat, else kRoi: full masks of a batch take hundreds of MB
  kRoi,   ///< probabilities over the box, torchvision's 28 x 28 before pasting
  kFull,  ///< probabilities pasted into the image, as torchvision returns them
};
inline constexpr ModeNames<MaskOutput, 2> kMaskOutputs{
    {{"roi", MaskOutput::kRoi}, {"full", MaskOutput::kFull}}};

inline constexpr std::int64_t kAny = -1;  ///< in a requested shape: whatever the file has

/// A source of weights and of what a whole-module checkpoint says about its modules.
struct WeightSource {
  /// The tensor of a key, or null.
  std::function<const Tensor*(std::string_view key)> find;
  /// The submodule at a path, or null: `module("backbone.body.0.1")->find("eps")`.
  std::function<const ModuleInfo*(std::string_view path)> module;
  /// The names of the direct submodules of a whole module's module, in order.
  std::function<std::vector<std::string>(std::string_view path)> children;
  std::vector<std::string> keys;  ///< all keys, in file order
};

/// Weights of a checkpoint, used in place. The checkpoint must outlive the source.
WeightSource weights_of(const Checkpoint& checkpoint);

/// True for `*.num_batches_tracked`, which no exported graph needs.
bool only_for_training(std::string_view key);

/// What a module of the graph is, in torch and torchvision.
enum class ModuleKind : std::uint8_t;

/// What the graph computes at a place of the model, as a layer says it: a whole module must have
/// the same there.
struct ComputedModule {
  std::string path;
  ModuleKind kind;
  /// Attributes that are built into the graph, and the value that it has. Names may be paths:
  /// "box_coder.weights".
  SettingDict attributes = {};
  std::vector<NamedTensor> tensors = {};  ///< the same of ModuleInfo::tensors
};

/// Which tensors were asked for and what did not fit.
struct LoadReport {
  struct Problem {
    std::string key;
    Shape expected;              ///< may hold kAny
    std::optional<Shape> found;  ///< nullopt: missing
  };
  std::unordered_set<std::string> used;
  std::vector<Problem> problems;         ///< missing and mis-shaped tensors
  std::vector<std::string> assumed;      ///< what the weights do not tell, and what settles it
  std::vector<ComputedModule> computed;  ///< in the order of the data

  /// Keys of the source that no layer asked for, except those only_for_training().
  std::vector<std::string> unused(const WeightSource& source) const;
};

/// Graph, weight source and prefix. `scope / "layer1" / 0` walks down like `cd`.
class Scope {
 public:
  Scope(Graph& graph, const WeightSource& source, LoadReport& report)
      : graph_(&graph), source_(&source), report_(&report) {}

  Scope operator/(std::string_view child) const;
  Scope operator/(std::integral auto index) const { return *this / std::to_string(index); }

  Graph& graph() const { return *graph_; }
  const std::string& prefix() const { return prefix_; }

  /// The weight `prefix.leaf`. A missing or mis-shaped one is recorded, and building goes on with
  /// a placeholder, so that one run reports everything.
  Value weight(std::string_view leaf, const Shape& shape) const;
  /// The same as a tensor, for code that computes with it while building.
  Tensor tensor(std::string_view leaf, const Shape& shape) const;
  bool has(std::string_view leaf) const;
  /// The shape of `prefix.leaf` in the source, if it is there.
  std::optional<Shape> shape(std::string_view leaf) const;

  /// Says what is computed here, to be compared with a whole module: see ComputedModule.
  void computes(ModuleKind kind, std::initializer_list<SettingMember> attributes = {},
                std::vector<NamedTensor> tensors = {}) const;

  /// The module here, or null: there is none, or the checkpoint is no whole module.
  const ModuleInfo* module() const { return source_->module(prefix_); }
  /// Whether the checkpoint is a whole module, which says what a state dict leaves open.
  bool in_whole_module() const;
  /// What a whole-module checkpoint states for this module, or null.
  const Setting* stated(std::string_view name) const;
  /// A number that a whole-module checkpoint states for this module, else `otherwise`.
  double attribute(std::string_view name, double otherwise) const;

  /// Records what is assumed because the weights do not tell, in one line with what settles it.
  void assume(std::string line) const;
  /// The names of the direct submodules, in order: of a whole module all of them, of a state dict
  /// those that hold tensors.
  std::vector<std::string> children() const;
  /// Whether the source has any tensor here.
  bool holds_tensors() const;
  /// Takes all tensors here as read: the graph does not need them. Those of the child `except`,
  /// if one is named, stay.
  void pass_over(std::string_view except = {}) const;

 private:
  std::string key(std::string_view leaf) const;

  Graph* graph_;
  const WeightSource* source_;
  LoadReport* report_;
  std::string prefix_;
};

/// Walks the numbered children of an nn.Sequential.
class Seq {
 public:
  explicit Seq(Scope scope) : scope_(std::move(scope)) {}
  Scope next() { return scope_ / index_++; }
  void skip() { ++index_; }  ///< a module without parameters

 private:
  Scope scope_;
  int index_ = 0;
};

}  // namespace TV2ONNX_API tv2onnx
