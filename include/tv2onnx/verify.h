#pragma once
/// \file
/// Is an exported model equal to PyTorch? The report of a whole verification.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/compare.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/reference.h"

namespace TV2ONNX_API tv2onnx {

struct VerifyOptions {
  Tolerance tolerance;
  /// Share of all detections, and of all keypoints, that flips may have.
  double max_flips = 0.005;
  CallControl control;  ///< told each case
};

/// One image of a case.
struct ImageResult {
  std::string case_name;
  std::size_t image = 0;  ///< index in the batch
  std::size_t batch = 1;
  ImageSize size{};
  std::optional<ImageSize> resized;            ///< what the model resizes it to, if it says
  std::optional<ImageSize> reference_resized;  ///< the reference's, where it is another
  std::string skipped;                         ///< why there was nothing to compare, or ""
  std::string failure;  ///< message of the runtime (or the reference's) if the run failed, or ""
  DetectionComparison comparison;

  bool equal() const { return failure.empty() && comparison.equal(); }
};

enum class Verdict {
  kEqual,
  kNotEqual,
  /// Nothing differs, but that says nothing about the file: another checkpoint, other image sizes,
  /// or nothing that could be compared.
  kNotDecided,
};
/// "equal", "not equal", "not decided"
std::string_view verdict_name(Verdict verdict);

struct VerifyReport {
  std::string model;      ///< the file
  std::string reference;  ///< likewise
  std::string origin;     ///< origin_text() of the reference
  VerifyOptions options;  ///< as they were given
  std::vector<ImageResult> images;
  std::vector<std::string> notes;  ///< what makes model and reference hard to compare
  std::size_t expected = 0;
  std::size_t found = 0;
  std::size_t matched = 0;
  std::size_t flips = 0;      ///< of detections and masks
  std::size_t masks = 0;      ///< compared
  std::size_t keypoints = 0;  ///< compared
  std::size_t keypoint_flips = 0;
  Difference worst;
  Verdict verdict = Verdict::kNotDecided;
  std::string reason;  ///< why it is not equal, or not decided: the first thing; else ""
  /// What was asked instead of the tolerances, of a file with numbers of fewer bits, and what it
  /// came to; "": the tolerances decide.
  std::string standard;
  std::string caveat;  ///< what the verdict cannot show, or ""

  bool equal() const { return verdict == Verdict::kEqual; }
};

/// Runs the detector on every case of the reference and compares. A run that fails is a result,
/// and the other cases go on.
/// \throws Error V002 (a reference of another task), X003 (cancelled), and where nothing can be run
/// at all.
VerifyReport verify(const Detector& detector, const Reference& reference,
                    const VerifyOptions& options = {});

/// verify() with what reference_for() gives for `against`. With `record.precise`, PyTorch runs in
/// double precision for the cases in which something differs, and those alone.
/// \throws Error as both.
VerifyReport verify_against(const Detector& detector, const std::filesystem::path& against,
                            const RecordOptions& record, const VerifyOptions& options,
                            const SessionOptions& session = {});

/// The report as JSON text, as `tv2onnx verify --json` prints it.
std::string to_json(const VerifyReport& report);

}  // namespace TV2ONNX_API tv2onnx
