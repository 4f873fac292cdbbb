#pragma once
// A file that is quantised, of any task, as measuring it needs it.

#include <filesystem>
#include <string_view>
#include <variant>

#include "run/kept.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/segmenter.h"

namespace tv2onnx {

using LoadedModel = std::variant<Detector, Classifier, Segmenter>;

/// \param task one that can_be_quantised()
LoadedModel load_model(const std::filesystem::path& path, Task task, const SessionOptions& options);
/// Of a rewritten file, which takes and gives what the original does.
LoadedModel loaded_like(const LoadedModel& original, Session session);
bool can_be_quantised(Task task);

const Session& session_of(const LoadedModel& model);
/// What the session takes for uint8 [1, height, width, 3].
Tensor input_of(const LoadedModel& model, const Tensor& photo);

/// Adds what of the original's answers about a photo the quantised file, of the same task, gives
/// too: confident detections, the best class, or the class of each pixel.
void count_kept(const LoadedModel& original, const LoadedModel& quantised, const Tensor& photo,
                Kept& kept);
/// What was counted: "photos (the same best class)".
std::string_view counted_things(Task task);

}  // namespace tv2onnx
