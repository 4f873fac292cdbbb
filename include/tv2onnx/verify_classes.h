#pragma once
/// \file
/// Is an exported classifier, of images or of clips, equal to PyTorch? On photos or frames, which
/// each side prepares itself.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/reference.h"
#include "tv2onnx/verify.h"
#include "tv2onnx/video_classifier.h"

namespace TV2ONNX_API tv2onnx {

/// What may differ.
struct ClassTolerance {
  double logits = 0.005;  ///< of a class, in standard deviations of the image's logits
};

struct VerifyClassesOptions {
  ClassTolerance tolerance = {};
  CallControl control = {};  ///< told each case
};

/// One case, whatever the task: a photo, a clip or a pair of photos.
struct CaseResult {
  std::string case_name;
  ImageSize size{};
  std::string failure;      ///< message of the runtime if the run failed, or ""
  bool has_pixels = false;  ///< whether the reference has the resized photo
  double pixel = 0;         ///< the largest difference, in levels
  double pixel_share = 0;   ///< of pixels that differ
  std::string reason;       ///< why it is not equal, or ""

  bool equal() const { return failure.empty() && reason.empty(); }
};

/// What is said of all cases, whatever the task.
struct CasesReport {
  std::string model;      ///< the file
  std::string reference;  ///< likewise
  std::string origin;     ///< origin_text() of the reference
  Task task = Task::kClassification;
  std::string note;  ///< what makes them hard to compare, or ""
  Verdict verdict = Verdict::kNotDecided;
  std::string reason;  ///< why it is not equal, or not decided; else ""

  bool equal() const { return verdict == Verdict::kEqual; }
};

/// One photo or clip.
struct ClassesResult : CaseResult {
  double logits = 0;  ///< the largest difference, in standard deviations
  bool same_top1 = false;
  bool same_top5 = false;  ///< the same five classes, in whatever order
};

struct VerifyClassesReport : CasesReport {
  ClassTolerance tolerance;
  std::vector<ClassesResult> images;
};

/// Runs the classifier on every case and compares. Resized pixels must be the reference's; where
/// torch interpolates them in float32 (frames), each must be a rounding of the exact value. Where
/// the best class is another one, and the two are closer in the reference than the allowed
/// difference, that is rounding. \throws Error V002 (a reference of another task, or without
/// logits), X003 (cancelled).
VerifyClassesReport verify(const Classifier& classifier, const Reference& reference,
                           const VerifyClassesOptions& options = {});
VerifyClassesReport verify(const VideoClassifier& classifier, const Reference& reference,
                           const VerifyClassesOptions& options = {});

/// What the classifier is to be compared with, as reference_for() of a detector.
Reference reference_for(const Classifier& classifier, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session = {});
Reference reference_for(const VideoClassifier& classifier, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session = {});

std::string to_json(const VerifyClassesReport& report);

}  // namespace TV2ONNX_API tv2onnx
