#pragma once
/// \file
/// What models are for.

#include <optional>
#include <string_view>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

/// What a model answers about its input. Inputs, outputs and comparison follow from it.
enum class Task {
  kDetection,       ///< boxes with labels and scores, perhaps masks or keypoints
  kClassification,  ///< a score for each class of the image
  kSegmentation,    ///< a score for each class of each pixel
  kVideo,           ///< a score for each class of the clip
  kFlow,            ///< where each pixel of an image is in the next one
};

/// "detection", "classification", "segmentation", "video" or "flow", as files and reports have it.
std::string_view task_name(Task task);
/// What a model of the task is called: "detector", "classifier".
std::string_view model_noun(Task task);
/// The task of a name, or nothing.
std::optional<Task> find_task(std::string_view name);

}  // namespace TV2ONNX_API tv2onnx
