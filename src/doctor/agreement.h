#pragma once
// Whether a repaired file finds what the original finds, judged as verify does it: what ties and
// thresholds explain is no difference.

#include <string>
#include <vector>

#include "rewrite/view.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

/// What a file gave for one run.
struct FileResults {
  const std::vector<Tensor>& outputs;
  const DetectionOutputs& meaning;
  const std::string& file;
};

struct Agreement {
  enum class Kind {
    kSame,       ///< equal but for rounding
    kExplained,  ///< equal but for detections at a threshold or of equal score
    kUndecided,  ///< scores tie, so that the image says nothing
    kDifferent,
  } kind = Kind::kDifferent;
  std::string text;  ///< one line
};

/// What decides in the file whether a detection is there, as far as its graph tells.
DetectionRules rules_of(const View& view);

/// \param images uint8 [n, height, width, 3] that both files got
Agreement agreement(const FileResults& before, const FileResults& after, const Tensor& images,
                    const DetectionRules& rules);

}  // namespace tv2onnx::doctor
