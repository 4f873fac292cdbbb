#pragma once
// A file of any task, loaded.

#include <filesystem>
#include <variant>

#include "tv2onnx/classifier.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/flow.h"
#include "tv2onnx/segmenter.h"
#include "tv2onnx/video_classifier.h"

namespace tv2onnx {

using Runner = std::variant<Detector, Classifier, Segmenter, VideoClassifier, Flow>;

/// Loads a file as what it is. \throws Error as Detector and the others.
Runner load_runner(const std::filesystem::path& file, const SessionOptions& options);

const Contract& contract_of(const Runner& runner);
const Session& session_of(const Runner& runner);
/// What a run of images, or of the frames of a clip, gives to an input of the session.
Tensor session_input(const Runner& runner, const Tensor& images);

}  // namespace tv2onnx
