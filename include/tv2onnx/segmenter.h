#pragma once
/// \file
/// Running an exported segmentation model on photos: the class of each pixel.
///
///     const Segmenter segmenter("street.onnx");
///     const LabelMap map = segmenter.run(read_image("photo.jpg"))[0];
///     fmt::print("{}\n", segmenter.name(map.labels.as<std::int32_t>()[0]));  // top left

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

/// What a segmentation model says about one photo.
struct LabelMap {
  /// int32 [height, width] of the photo: the class of each pixel, from 0 on. What the network says
  /// of a resized photo is brought to the photo's size by taking the nearest pixel.
  Tensor labels;
  /// float32 [classes, h, w], before softmax, of the photo as the network gets it: resized. No data
  /// if the file gives labels only.
  Tensor logits = {};
  /// The same of the auxiliary head, if the file gives them (--outputs logits, without --aux-loss
  /// false).
  Tensor aux = {};
};

/// A segmentation file of tv2onnx export, loaded.
class Segmenter {
 public:
  /// \throws Error as Session; R007: not such a file; says what it is and has.
  explicit Segmenter(const std::filesystem::path& model, const SessionOptions& options = {});
  Segmenter(Session session, Contract contract);

  const Contract& contract() const { return contract_; }
  const Session& session() const { return session_; }
  /// "dog", or "class 3" where the file has no names.
  std::string name(std::int64_t label) const;
  /// How many classes there are, as far as the file says it; 0: not known.
  std::size_t classes() const;

  /// One for each image: uint8 [n, height, width, 3] of 0..255 or float32 [n, 3, height, width] of
  /// 0..1, RGB, of any size. What the file leaves to its caller (resizing, normalisation) is done
  /// here, as torchvision's transforms do it.
  /// \throws Error R003 (the run failed), R006 (the file cannot take this), R007 (its results are
  /// not what its metadata promise).
  std::vector<LabelMap> run(const Tensor& images) const;
  /// What run() gives to the session.
  Tensor session_input(const Tensor& images) const;

 private:
  Session session_;
  Contract contract_;
};

/// int32 [h, w]: the best class of each pixel of float32 [classes, h, w], as LabelMap::logits; of
/// equal ones the first. \throws Error R006 (another tensor).
Tensor best_classes(const Tensor& logits);

/// int32 [h, w] at another size: of each pixel the nearest one above and to the left.
/// \throws Error R006 (another tensor), I003 (no size, or too large).
Tensor resized_labels(const Tensor& labels, std::int64_t height, std::int64_t width);

}  // namespace TV2ONNX_API tv2onnx
