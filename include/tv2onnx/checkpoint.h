#pragma once
/// \file
/// Reading PyTorch checkpoints without Python and without executing anything in the file.
///
/// Formats (torch/serialization.py of torch 2.6 is the reference): zip (torch >= 1.6), legacy
/// pickle stream (0.1.10 to 1.5), tar (older), bare pickle, and safetensors. The format is found
/// from the content, never from the file name.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

enum class CheckpointFormat { kZip, kLegacy, kTar, kPickle, kSafetensors };
std::string_view checkpoint_format_name(CheckpointFormat format);

/// A weight: its key in the state dict (wrapper prefixes such as `module.` removed) and its bytes,
/// shown in place from the mapped file where the container allows it.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// One submodule of a whole-module checkpoint (`torch.save(model)`).
struct ModuleInfo {
  std::string path;  ///< dotted path, "" for the root
  /// "torch.nn.modules.batchnorm.BatchNorm2d"; "" where only attributes are known, as of a model
  /// that was recovered from a graph.
  std::string class_name;
  /// Plain attributes (numbers, strings, lists, dicts of them), e.g. `eps`, `min_size`. Attributes
  /// that are plain objects, such as `rpn.box_coder`, appear as dicts with a "__class__" member.
  SettingDict attributes;
  /// Attributes that are tensors, or lists of them, and neither parameters nor buffers:
  /// "cell_anchors.0".
  std::vector<NamedTensor> tensors = {};
  /// What was registered to run before or after the module:
  /// "torch.nn.utils.weight_norm.WeightNorm".
  std::vector<std::string> hooks = {};

  const Setting* find(std::string_view attribute) const;
};

/// A global (class or function) that a pickle names.
struct GlobalUse {
  std::string name;             ///< "torch._utils._rebuild_tensor_v2"
  std::size_t count = 0;        ///< how often it was called or named
  bool would_run_code = false;  ///< torch.load would run something that is not on the allow-list
};

/// Tensors beside the model's that it does not use: metrics, weights of a loss, another model.
struct IgnoredTensors {
  std::string prefix;  ///< "map_metric.", or the whole name of a tensor at the top
  std::size_t count = 0;
};

/// Names of classes that were found beside the weights.
struct ClassList {
  std::string place;               ///< "hyper_parameters.class_names"
  std::vector<std::string> names;  ///< by label
};

/// A checkpoint: a state dict, and what else the file says.
struct Checkpoint {
  std::string file;  ///< the path, as the caller gave it
  CheckpointFormat format = CheckpointFormat::kZip;
  std::uint64_t file_size = 0;
  std::string description;      ///< "zip, torch.save of torch >= 1.6"
  std::string state_dict_path;  ///< where it was found: "", "model_state_dict", "whole module"
  std::string stripped_prefix;  ///< what stood before the model's keys: "module." or empty
  /// Class of the module that the model was found to be a member of, if it may do more than call
  /// it; empty if OpenOptions::prefix asked for the member.
  std::string holder;
  /// Where models stand in a file that holds several of which none is the usual one; the first
  /// was taken. OpenOptions::prefix chooses.
  std::vector<std::string> choices;
  std::vector<IgnoredTensors> ignored;
  std::vector<std::string> notes;    ///< one line each on how the model was found, where unusual
  std::vector<NamedTensor> tensors;  ///< parameters and buffers in file order
  std::vector<ModuleInfo> modules;   ///< whole-module checkpoints only, parents first
  /// Modules that do nothing in evaluation, such as Dropout in an nn.Sequential, by path and class:
  /// the names behind them count without them.
  std::vector<std::string> left_out;
  SettingDict metadata;                ///< `_metadata` of the state dict: {path: {version: 2}}
  SettingDict extras;                  ///< plain values beside the state dict (epoch, args, ...)
  std::vector<ClassList> class_lists;  ///< the more likely ones first
  std::vector<GlobalUse> globals;      ///< every global of the pickle, by name

  /// The tensor of a key, or null.
  const Tensor* find(std::string_view name) const;
  /// The submodule at a dotted path, or null (always null for state dicts).
  const ModuleInfo* module(std::string_view path) const;
  /// Bytes of the file, for hashing and copying. Valid as long as the object lives.
  std::span<const std::byte> bytes() const { return bytes_; }

  std::span<const std::byte> bytes_;   ///< the mapping
  std::shared_ptr<const void> owner_;  ///< keeps the mapping alive
};

struct OpenOptions {
  /// Which model of a file that holds several: a place in it ("model_ema") or what the keys of its
  /// weights begin with ("student."). Empty: the usual one.
  std::string prefix = {};
};

/// Opens a checkpoint of any format.
/// Time and memory are bounded: at most twice the file size plus 64 MiB.
/// \throws Error C001.. (container), P001.. (pickle), U002 (nothing has that prefix); every one
/// names file, offset and reason.
Checkpoint open_checkpoint(const std::filesystem::path& path, const OpenOptions& options = {});

/// The same of a file in memory; `name` stands for it in errors. The bytes must outlive the
/// checkpoint and all its tensors, unless `owner` keeps them alive.
Checkpoint open_checkpoint(std::span<const std::byte> bytes, const std::string& name,
                           std::shared_ptr<const void> owner = nullptr,
                           const OpenOptions& options = {});

}  // namespace TV2ONNX_API tv2onnx
