#pragma once
/// \file
/// Running an exported detector on images: what the file wants as input, what its outputs mean.

#include <filesystem>
#include <memory>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/detection.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// What a loaded file takes and gives, as its metadata and ports say.
Contract read_contract(const Session& session);

/// What the file at a path is for, as its metadata, or its inputs and outputs, say. It is not
/// loaded into the runtime. \throws Error C001, O001, O002 as read_onnx_summary.
Task task_of_file(const std::filesystem::path& model);

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
