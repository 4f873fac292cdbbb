#pragma once
/// \file
/// Running an exported detector on images: what the file wants as input, what its outputs mean.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

using ImageSize = std::array<std::int64_t, 2>;  ///< height, width

/// Where an object is, as probabilities of its pixels. tv2onnx/masks.h makes other forms of it.
struct InstanceMask {
  /// float32 [m, m] over the box, or [height, width] of the image. It shares the bytes of all masks
  /// of its image and keeps them alive.
  Tensor probabilities;
  bool pasted = false;  ///< probabilities are of the whole image
};

/// A keypoint of a detected object.
struct Keypoint {
  float x = 0;           ///< pixels of the input image
  float y = 0;           ///< likewise
  float visibility = 0;  ///< torchvision's third column, always 1
  float score = 0;       ///< value of the heatmap, not a probability
};

/// One detected object.
struct Detection {
  std::array<float, 4> box{};  ///< x1, y1, x2, y2 in pixels of the input image
  std::int64_t label = 0;      ///< index of the class; 0 is the background and never detected,
                               ///< except by RetinaNet and FCOS, which have no background
  float score = 0;             ///< 0..1
  std::optional<InstanceMask> mask = {};  ///< models with masks
  std::vector<Keypoint> keypoints = {};   ///< models with keypoints
};
using Detections = std::vector<Detection>;  ///< of one image, in the order of the file

/// How the images go in and the results come out of a detector file.
struct DetectorContract {
  enum class Input { kFloatUnit, kUint8 };
  Input input = Input::kFloatUnit;     ///< float NCHW 0..1, or uint8 NHWC 0..255
  bool bgr = false;                    ///< channel order
  std::array<std::int64_t, 4> size{};  ///< batch, channels, height, width; -1 where dynamic
  /// [batch, n, ...] and num_detections; one list; raw outputs of the heads
  enum class Output { kBatched, kFlat, kRaw };
  Output output = Output::kBatched;
  std::size_t boxes = 0;                        ///< index of the output; not kRaw
  std::size_t labels = 0;                       ///< likewise
  std::size_t scores = 0;                       ///< likewise
  std::optional<std::size_t> num_detections;    ///< kBatched only
  std::optional<std::size_t> batch_index;       ///< kFlat only; absent: the file takes one image
  std::optional<std::size_t> masks;             ///< Mask R-CNN
  std::optional<std::size_t> keypoints;         ///< Keypoint R-CNN
  std::optional<std::size_t> keypoints_scores;  ///< likewise, and always with keypoints
  /// Masks are of the whole image; absent: they are if they have its size.
  std::optional<bool> masks_pasted;
  std::vector<std::string> class_names;  ///< by label; empty if the file does not say
  std::string architecture;              ///< "" if the file does not say
  /// "metadata of tv2onnx 0.1.0", "types and shapes of inputs and outputs"
  std::string origin;
};

/// Finds out the contract from the metadata that tv2onnx writes, else from types and shapes of
/// inputs and outputs (files of torch.onnx.export).
/// \throws Error R007: not a detector, or ambiguous; says what it has and what is needed.
DetectorContract detector_contract(const Session& session);

struct RawModel;

/// A detector file, loaded.
class Detector {
 public:
  /// \throws Error as Session and detector_contract.
  explicit Detector(const std::filesystem::path& model, const SessionOptions& options = {});

  const DetectorContract& contract() const { return contract_; }
  const Session& session() const { return session_; }

  /// Detections of each image; keep the result in a variable, `for (auto& d : run(x)[0])` dangles.
  /// `images` is uint8 [n, height, width, 3] or float32
  /// [n, 3, height, width] with values 0..1, RGB either way (or as many channels as the file takes;
  /// uint8 RGB becomes grey where it takes one): conversion to what the file wants
  /// (range, channel order, layout) is done here. uint8 / 255 is computed in float32, as
  /// torchvision.transforms.functional.to_tensor does; the other way values are rounded. A file
  /// without batch dimension or with a fixed batch of 1 gets the images one by one. For a file with
  /// raw outputs, images are resized and its outputs decoded and selected as torchvision does it.
  /// \throws Error R003 (the run failed), R006 (the file cannot take this size).
  std::vector<Detections> run(const Tensor& images) const;
  /// What run() gives to the session for one image [1, ...].
  Tensor session_input(const Tensor& image) const;

 private:
  Session session_;
  DetectorContract contract_;
  std::shared_ptr<const RawModel> raw_;  ///< of files with raw outputs
};

}  // namespace tv2onnx
