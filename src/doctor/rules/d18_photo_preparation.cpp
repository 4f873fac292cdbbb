// D18: nobody normalises the photos of a classifier.
//
// A network of torchvision wants (pixels / 255 - mean) / deviation, with ImageNet's numbers for
// most. Files of torch.onnx.export begin with the first convolution, so that the caller must do it,
// and do not say so: no error tells of pixels of 0..255, only other classes. Information, as
// nothing in the file is wrong. A way out is a file that takes photos as they are.

#include "contract/image_input.h"
#include "doctor/classifier.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// A batch normalisation in front of all layers does it, too.
bool begins_with_normalisation(const View& view, const ImageInput& input) {
  const std::vector<OnnxNode*> first = before_first_layer(view);
  const std::string_view value =
      first.empty() ? std::string_view(input.port.name) : std::string_view(first.back()->output(0));
  return !view.readers(value, "BatchNormalization").empty();
}

std::vector<Finding> examine_photo_preparation(const RuleContext& context) {
  const View& view = context.view;
  if (!is_classifier(view)) return {};
  if (read_metadata(view.model().metadata).input) return {};  // the file says what it wants
  const auto input = find_image_input(view);
  if (!input || input->normalises || begins_with_normalisation(view, *input)) return {};
  return {{.code = "D18",
           .damage = Damage::kInformation,
           .what = "a classifier that neither normalises photos nor says how they are prepared",
           .evidence = {},
           .symptom = "wrong classes without any error if size, range, mean or deviation are not "
                      "those of its training",
           .since = "torch.onnx.export of all versions",
           .remedy =
               "tv2onnx export of the checkpoint writes a file that takes photos of any size, "
               "and so does tv2onnx doctor MODEL.onnx --rebuild NEW.onnx --preprocess full"}};
}

}  // namespace

Rule photo_preparation() {
  return {"D18", examine_photo_preparation, nullptr};
}

}  // namespace tv2onnx::doctor
