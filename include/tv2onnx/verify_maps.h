#pragma once
/// \file
/// Is an exported model of segmentation or optical flow equal to PyTorch? On photos, which each
/// side prepares itself.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/flow.h"
#include "tv2onnx/segmenter.h"
#include "tv2onnx/verify_classes.h"

namespace TV2ONNX_API tv2onnx {

/// What may differ.
struct MapTolerance {
  ClassTolerance photo = {};  ///< of segmentation
  double end_point = 0.05;    ///< of flow: distance between the ends of two movements, in pixels
};

struct VerifyMapsOptions {
  MapTolerance tolerance = {};
  CallControl control = {};  ///< told each case
};

/// One photo, or a pair.
struct MapResult : CaseResult {
  std::optional<double> logits = {};          ///< the largest difference, in standard deviations
  std::optional<double> agreed = {};          ///< share of the photo's pixels with the same class
  std::optional<double> end_point = {};       ///< the largest distance, in pixels
  std::optional<double> mean_end_point = {};  ///< the mean one
};

struct VerifyMapsReport : CasesReport {
  MapTolerance tolerance;
  std::vector<MapResult> images;
};

/// Runs the file on every case and compares. Where a pixel has another class, and the two are
/// closer in the reference than the allowed difference of logits, that is rounding.
/// \throws Error V002 (a reference of another task, or incomplete), X003 (cancelled).
VerifyMapsReport verify(const Segmenter& segmenter, const Reference& reference,
                        const VerifyMapsOptions& options = {});
VerifyMapsReport verify(const Flow& flow, const Reference& reference,
                        const VerifyMapsOptions& options = {});

/// What the file is to be compared with, as reference_for() of a detector.
Reference reference_for(const Segmenter& segmenter, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session = {});
Reference reference_for(const Flow& flow, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session = {});

std::string to_json(const VerifyMapsReport& report);

}  // namespace TV2ONNX_API tv2onnx
