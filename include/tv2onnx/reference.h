#pragma once
/// \file
/// Results that are taken for right: recorded in PyTorch, run in it, or given by another file.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/compare.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/task.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// What a model gave for one image, by the names of its outputs.
///
/// Of classifiers: `logits` float32 [classes] and `pixels` uint8 [height,width,3], the photo as it
/// is resized and cropped, or of clips [time,height,width,3]. Of segmentation: `pixels`; `labels`
/// uint8 or int64 [height,width] of them; `margin` float32 [height,width], by how much the logit of
/// the label is larger than the next; `logits` float32 [classes,h,w] of every fourth pixel in each
/// direction, and likewise `aux`. Of flow: `flow` float32 [2,height,width]. Of detectors: `boxes`
/// float32 [m,4], `labels` int64 [m], `scores` float32 [m]; of models that have them also `masks`
/// float32 [m,s,s], probabilities over the box, or `pasted_masks` [m,height,width], probabilities
/// of the image's pixels, or `keypoints` float32 [m,k,3] and `keypoints_scores` float32 [m,k]. The
/// same in float64 has `64` behind the name; what R-CNNs find or not, as a tie among their
/// proposals decides, has `tied/` before it.
using NamedTensors = std::map<std::string, Tensor, std::less<>>;

/// The tensors of a detector's image as detections.
struct RecordedDetections {
  Detections detections;
  std::optional<Detections> precise = {};  ///< the same in float64, if recorded
  std::optional<Detections> tied = {};     ///< what a tie among proposals decides, if recorded

  RoundingEvidence evidence() const {
    return {precise ? &*precise : nullptr, tied ? &*tied : nullptr};
  }
};
/// \throws Error V002 (a tensor is missing or of another type or shape).
RecordedDetections detections_of(const NamedTensors& tensors);
/// The other way.
NamedTensors tensors_of(const Detections& detections);

/// Images of one size that go through the model together.
struct ReferenceCase {
  std::string name;
  /// uint8 [n, height, width, 3] RGB, or float32 [n, 3, height, width]; the n are the frames of a
  /// clip, or two for a flow
  Tensor input;
  std::vector<NamedTensors> images;  ///< one for each of the n; one alone for clips and flows
  std::string skipped;               ///< why the reference has no results for the case, or ""
  std::string failure;  ///< the reference itself failed on the case, with this message, or ""
};

/// What kind of file a reference is, or was made from.
enum class ReferenceKind {
  kRecorded,    ///< of scripts/record_reference.py
  kOnnx,        ///< another file, run here
  kCheckpoint,  ///< run in the installed PyTorch
};

/// Images with the results that are taken for right.
struct Reference {
  std::string source;  ///< the file
  ReferenceKind kind = ReferenceKind::kRecorded;
  Task task = Task::kDetection;
  std::vector<ReferenceCase> cases;
  std::map<std::string, std::string> metadata;  ///< "torchvision", "settings" (JSON), ...
  std::string fingerprint;  ///< XXH3-128 of the checkpoint; "" if it is not known
  /// PyTorch ran with settings that were told it, such as those of the verified file: wrong ones do
  /// not show.
  bool settings_from_file = false;
};

/// "recorded in torch 2.6, torchvision 0.21", "run in ...", "ONNX file"
std::string origin_text(const Reference& reference);

/// Found from the content. \throws Error C001.. as open_checkpoint.
ReferenceKind reference_kind(const std::filesystem::path& path);

/// Reads a file of scripts/record_reference.py, safetensors: for every case `CASE/input`, and for
/// image K of it `CASE/K/NAME` with the names of NamedTensors. Files of version 0.1 say
/// `unsettled/` for `tied/`. \throws Error V001 (no reference), V002 (tensors missing or of wrong
/// shape), C001.. (container).
Reference read_reference(const std::filesystem::path& path);

/// Images without results.
struct InputCase {
  std::string name;
  Tensor input;  ///< as in ReferenceCase
};

struct CaseOptions {
  bool quick = false;                  ///< three small sizes instead of eight up to 1080x1920
  std::optional<ImageSize> size = {};  ///< this size only, for files that take no other
  std::vector<Tensor> photos =
      {};  ///< uint8 [1,h,w,3] RGB, scaled to the sizes; empty: drawn scenes
};

/// The largest image that is drawn for a trial, in pixels: what a file claims to take costs nothing
/// to claim.
inline constexpr std::int64_t kMostDrawnPixels = std::int64_t{1} << 24;
/// \throws Error I003 for images that are not drawn.
void require_drawable(const ImageSize& size, std::int64_t images = 1);

/// Scenes at the sizes that matter (375x500, 427x640 and 375x1242 among them), a blank image,
/// noise, a float image of the wrong range, and batches of 2 and 3. Deterministic.
/// \throws Error I003 as require_drawable.
std::vector<InputCase> standard_cases(const CaseOptions& options);

/// Runs another detector on the cases. What fails there is noted in the case.
/// \throws Error X003 (cancelled).
Reference reference_from(const Detector& detector, const std::vector<InputCase>& cases,
                         const CallControl& control = {});

/// How results that are taken for right are made.
struct RecordOptions {
  std::vector<std::string> images;      ///< photos; empty: drawn scenes
  bool quick = false;                   ///< fewer sizes
  bool trust = false;                   ///< whole modules: loading one runs code of the file
  std::vector<std::string> cases = {};  ///< which of the standard cases, of detectors; empty: all
  bool precise = false;                 ///< record float64 results too, of detectors
  std::string python;                   ///< interpreter; empty: $TV2ONNX_PYTHON, else python3
  std::filesystem::path script;         ///< empty: the record_reference.py of this tv2onnx
  Task task = Task::kDetection;
  std::string prefix = {};  ///< which model of the file, as OpenOptions::prefix
  std::string builder;      ///< torchvision's builder, for state dicts
  std::string weights;      ///< torchvision's own, whose transforms count; not of detectors
  std::string settings;     ///< JSON of the model's settings, for state dicts
  /// Of detectors: this size only, for files that take no other.
  std::optional<ImageSize> size = {};
  CallControl control;  ///< told each case; cancelling ends PyTorch, too
  /// Gets what the script says while it works, line by line.
  std::function<void(std::string_view line)> log;
};

/// The size of the images by which a detector's file can be judged, if others cannot: that of files
/// that were exported for one only, and of raw ones, for which torchvision would pad others
/// otherwise. Files of other exporters are judged by all sizes: one that a trace left is a fault.
std::optional<ImageSize> only_comparable_size(const Contract& contract);

/// Records a reference from a checkpoint in a child process. No file stays behind, whatever
/// happens.
/// \throws Error V003 (no Python with torchvision), V004 (PyTorch cannot run the checkpoint),
/// V005 (a whole module without `trust`), X003 (cancelled).
Reference record_reference(const std::filesystem::path& checkpoint, const RecordOptions& options);

/// What `detector` is to be compared with: the recorded reference `against`, the results of the
/// ONNX file `against`, or what PyTorch gives for the checkpoint `against`, with builder and
/// settings as the detector's file says where `record` does not. \param session how an ONNX file is
/// run \throws Error U003 (`record` has what `against` has no use for), and as the functions above.
Reference reference_for(const Detector& detector, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session = {});

}  // namespace TV2ONNX_API tv2onnx
