#pragma once
// Whether a file under examination is a classifier, and what comes first and last in it.

#include <string>
#include <vector>

#include "doctor/rule.h"

namespace tv2onnx::doctor {

/// As the metadata of tv2onnx say; else a file that makes one list of scores of one image.
bool is_classifier(const View& view);

/// The nodes that the pixels go through before the first layer with weights, in order.
std::vector<OnnxNode*> before_first_layer(const View& view);

/// The nodes that only change the form of the scores, and softmax, last first.
std::vector<OnnxNode*> behind_last_layer(const View& view);

/// Whether what the node makes goes into a layer that takes one number of features.
bool feeds_linear(const View& view, const OnnxNode& node);

/// Whether the graph says that its input may have any number of images, or any height and width.
bool declares_any_batch(const View& view);
bool declares_any_size(const View& view);

}  // namespace tv2onnx::doctor
