#pragma once
/// \file
/// Running an exported classifier on photos: names and probabilities.
///
///     const Classifier classifier("flowers.onnx");
///     for (const ScoredClass& one : classifier.run(read_image("photo.jpg"))[0].best) {
///       fmt::print("{} {:.2f}\n", classifier.name(one.label), one.score);
///     }

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// A class of an image.
struct ScoredClass {
  std::int64_t label = 0;
  float score = 0;  ///< probability
};

/// What a classifier says about one image.
struct Classification {
  std::vector<ScoredClass> best;      ///< all classes, or as many as the file gives; best first
  std::vector<float> logits = {};     ///< by class; empty if the file does not give them
  std::vector<Tensor> features = {};  ///< in the order of FileMetadata::features, [1, ...]
};

/// A classifier file, loaded.
class Classifier {
 public:
  /// \throws Error as Session; R007: not a classifier.
  explicit Classifier(const std::filesystem::path& model, const SessionOptions& options = {});
  Classifier(Session session, Contract contract);

  const Contract& contract() const { return contract_; }
  const Session& session() const { return session_; }
  /// What was assumed because the file does not say how photos are prepared; "" if it does.
  const std::string& assumption() const { return assumption_; }
  /// "dog", or "class 3" where the file has no names.
  std::string name(std::int64_t label) const;

  /// One for each image: uint8 [n, height, width, 3] of 0..255 or float32 [n, 3, height, width] of
  /// 0..1, RGB, of any size. What the file leaves to its caller (resizing, cropping, normalisation)
  /// is done here, as torchvision's transforms do it.
  /// \throws Error R003 (the run failed), R006 (the file cannot take this).
  std::vector<Classification> run(const Tensor& images) const;
  /// What run() gives to the session.
  Tensor session_input(const Tensor& images) const;

 private:
  Session session_;
  Contract contract_;
  std::string assumption_;
};

}  // namespace TV2ONNX_API tv2onnx
