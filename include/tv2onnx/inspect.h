#pragma once
/// \file
/// What is in a checkpoint, and what can be made of it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/zoo.h"

namespace TV2ONNX_API tv2onnx {

/// A setting of the model that a whole-module checkpoint carries.
struct ModuleSetting {
  const Option* option;
  const Setting* value;  ///< in the checkpoint
  bool is_default;       ///< means the same as torchvision's default
};

struct CheckpointReport {
  Recognition guess;
  std::optional<PhotoSpec> photo = {};  ///< how photos are prepared, of models that are told
  std::int64_t classes = 0;             ///< 0: not known
  FoundNames names;
  std::vector<ModuleSetting> settings;             ///< in the order of the model's options
  std::int64_t parameters = 0;                     ///< without statistics of batch normalisation
  std::map<std::string_view, std::size_t> dtypes;  ///< number of tensors of each
  std::size_t running_code = 0;                    ///< globals that torch.load would import and run
  std::vector<std::string> notes;     ///< how the model was found, and what beside it is not used
  std::vector<std::string> commands;  ///< that export it, one for each builder that it may be of
};

/// Reads no weights. The checkpoint must outlive the report.
CheckpointReport inspect(const Checkpoint& checkpoint);

/// `tensors`: with the name, dtype and shape of each.
std::string to_json(const Checkpoint& checkpoint, const CheckpointReport& report, bool tensors);

}  // namespace TV2ONNX_API tv2onnx
