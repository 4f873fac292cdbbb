#pragma once
/// \file
/// Running an exported classifier of clips: names and probabilities of what happens in one.
///
///     const VideoClassifier classifier("sports.onnx");
///     const Classification found = classifier.run(frames);  // uint8 [time, height, width, 3]
///     fmt::print("{} {:.2f}\n", classifier.name(found.best[0].label), found.best[0].score);

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/classifier.h"

namespace TV2ONNX_API tv2onnx {

/// A video file of tv2onnx export, loaded.
class VideoClassifier {
 public:
  /// \throws Error as Session; R007: not such a file; says what it is and has.
  explicit VideoClassifier(const std::filesystem::path& model, const SessionOptions& options = {});
  VideoClassifier(Session session, Contract contract);

  const Contract& contract() const { return contract_; }
  const Session& session() const { return session_; }
  /// "juggling", or "class 3" where the file has no names.
  std::string name(std::int64_t label) const;
  /// How many frames a clip must have; -1: any number that the network can take.
  std::int64_t frames() const { return contract_.input.frames(); }

  /// Of one clip: its frames in their order, of one size, uint8 [time, height, width, 3] of 0..255
  /// or float32 [time, 3, height, width] of 0..1, RGB. They are resized, cropped and normalised
  /// here, as torchvision's transforms do it. How much time lies between two frames is the
  /// caller's to choose: the weights were trained at 15 frames a second, those of MViT at 7.5.
  /// \throws Error R003 (the run failed), R006 (the file cannot take so many frames, or their
  /// type), R007 (its results are not what its metadata promise).
  Classification run(const Tensor& frames) const;
  /// What run() gives to the session.
  Tensor session_input(const Tensor& frames) const;

 private:
  Session session_;
  Contract contract_;
};

}  // namespace TV2ONNX_API tv2onnx
