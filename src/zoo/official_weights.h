#pragma once
// torchvision's weights enums (models/*.py, models/detection/*.py): which weights there are, how
// their files are called, what the builders change for them, and how their images are prepared.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// ImageClassification (torchvision/transforms/_presets.py).
struct PhotoSize {
  int shorter_side = 0;  ///< after resizing; 0: the model resizes, as detectors do
  int crop = 0;          ///< height and width of what is cut out of the middle
  bool bicubic = false;  ///< else bilinear
};

struct OfficialWeights {
  std::string_view arch;
  std::string_view name;       ///< in the builder's enum: "COCO_V1"
  std::string_view hash;       ///< in the file's name: the beginning of its SHA-256
  std::int64_t parameters;     ///< num_params in its meta data, of all classes
  bool zero_eps = false;       ///< the builder runs them with overwrite_eps(model, 0.0)
  std::string_view flag = {};  ///< an option that the builder sets for them, or that their
  bool flag_value = false;     ///< name settles, and its value
  PhotoSize photo = {};
  std::string_view stem = {};  ///< of the file's name, if it does not begin with the builder's
};

/// All of them, the default of each architecture last.
std::span<const OfficialWeights> official_weights();

/// The weights of `arch` that `name` says: COCO_V1, DEFAULT, also after the name of the enum and a
/// dot. \throws Error U001 with the names that there are.
const OfficialWeights& official_weights(std::string_view arch, std::string_view name);

/// The weights that the name of a file says, or null.
const OfficialWeights* official_weights_in(std::string_view file);

/// How their photos are resized and cropped, with ImageNet's normalisation: of weights that have a
/// `photo`.
PhotoSpec photo_of(const OfficialWeights& weights);

/// What they need that the options' defaults do not say.
std::vector<ImpliedSetting> settings_of(const OfficialWeights& weights);

}  // namespace tv2onnx
