#pragma once
/// \file
/// Running an exported optical flow model on pairs of images: where each pixel has moved to.
///
///     const Flow flow("raft.onnx");
///     const Tensor moved = flow.run(read_image("0001.png"), read_image("0002.png"));
///     // pixel (x, y) of the first image is at x + moved[0][0][y][x], y + moved[0][1][y][x]

#include <cstddef>
#include <filesystem>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// An optical flow file of tv2onnx export, loaded.
class Flow {
 public:
  /// \throws Error as Session; R007: not such a file; says what it is and has.
  explicit Flow(const std::filesystem::path& model, const SessionOptions& options = {});
  Flow(Session session, Contract contract);

  const Contract& contract() const { return contract_; }
  const Session& session() const { return session_; }

  /// float32 [n, 2, height, width]: how many pixels to the right (0) and down (1) each pixel of the
  /// first image has moved in the second, which is later. Images are uint8 [n, height, width, 3]
  /// of 0..255 or float32 [n, 3, height, width] of 0..1, RGB. They are not resized, as torchvision
  /// does not: RAFT takes heights and widths that are multiples of 8, from 128 on.
  /// \throws Error R003 (the run failed), R006 (images of different sizes, or of one that the
  /// network cannot take), R007 (the result is no flow).
  Tensor run(const Tensor& first, const Tensor& second) const;
  /// What run() gives to the session for one of the two images.
  Tensor session_input(const Tensor& images) const;

 private:
  Session session_;
  Contract contract_;
};

/// A flow as a file .flo of the Middlebury benchmark, which most tools read: "PIEH", width and
/// height as int32, then both numbers of each pixel as float32, little-endian.
/// \param flow float32 [1, 2, height, width]; \throws Error R006 for others.
std::vector<std::byte> encode_flo(const Tensor& flow);

}  // namespace TV2ONNX_API tv2onnx
