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

#include "tv2onnx/api.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

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

/// What a loaded file takes and gives, as its metadata and ports say.
Contract read_contract(const Session& session);

struct Preparation;
struct RawModel;

/// A detector file, loaded.
class Detector {
 public:
  /// \throws Error as Session; R007: not a detector, or ambiguous; says what it has and what is
  /// needed.
  explicit Detector(const std::filesystem::path& model, const SessionOptions& options = {});
  /// A file whose contract is known from elsewhere, perhaps in part. Outputs that it does not know
  /// are judged by what a run gives, one of each kind for each image.
  /// \throws Error R007: the input is no image.
  Detector(Session session, Contract contract);

  const Contract& contract() const { return contract_; }
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
  /// The same with another preparation than the contract's.
  std::vector<Detections> run(const Tensor& images, const Preparation& preparation) const;
  /// What run() gives to the session for images that it takes at once.
  Tensor session_input(const Tensor& images) const;

 private:
  Session session_;
  Contract contract_;
  std::shared_ptr<const RawModel> raw_;  ///< of files with raw outputs
};

}  // namespace TV2ONNX_API tv2onnx
