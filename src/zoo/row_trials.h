#pragma once
// Rows of the table tried on a checkpoint: the model is built, and what does not fit is counted.

#include <cstdint>
#include <string>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/families.h"

namespace tv2onnx {

inline constexpr std::size_t kNoFit = SIZE_MAX;  // the weights are those of another row

/// A row of the table with the settings that the checkpoint gives it.
struct RowTrial {
  const Model* model;
  Config config;
  std::size_t own_settings = 0;  ///< those that are not the model's defaults
  bool readable = true;          ///< the options take what the checkpoint says
  std::size_t misfits = 0;       ///< tensors that are missing, have another shape, or are not used
  std::vector<std::string> differences = {};  ///< from a whole module
  std::vector<std::string> assumed = {};
  std::int64_t classes = 0;  ///< of what gives scores of classes
};

/// The rows of the match, those first that fit best. `backbone`: one from a file, or null.
std::vector<RowTrial> try_rows(const FamilyMatch& match, const Checkpoint& checkpoint,
                               const ForeignBackbone* backbone);

/// Whether models of the task give scores of classes, and nothing else.
bool gives_one_answer(Task task);

}  // namespace tv2onnx
