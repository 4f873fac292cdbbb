#pragma once
// What tv2onnx inspect finds out about a checkpoint.

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/inspect_settings.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {

struct Facts {
  Recognition guess;
  std::optional<PhotoSpec> photo = {};  ///< how photos are prepared, of models that are told
  std::int64_t classes = 0;
  FoundNames names;
  std::vector<FoundSetting> settings;
  std::int64_t parameters = 0;
  std::map<std::string_view, std::size_t> dtypes;
  std::size_t running_code = 0;  ///< globals that torch.load would run
};

Facts facts_of(const Checkpoint& checkpoint);

/// The answer of --json.
nlohmann::ordered_json json_of(const Checkpoint& checkpoint, const Facts& facts, bool tensors);

}  // namespace tv2onnx::cli
