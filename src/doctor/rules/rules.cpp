#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {

std::span<const Rule> rules() {
  static const std::vector<Rule> table{
      zero_proposals_traced(),
      zero_proposals_at_runtime(),
      input_contract(),
      settings(),
      baked_image_size(),
      shifted_windows(),
      baked_pooling(),
      baked_batch(),
      traced_counts(),
      batch_unrolled(),
      resized_size_in_float32(),
      control_flow(),
      half_precision(),
      stale_shapes(),
      output_names(),
      defaults_left(),
      quantisation(),
      bad_weights(),
      bad_structure(),
      roots_of_integers(),
      growing_constants(),
      debris(),
      slow_parts(),
      unfused_layers(),
      photo_preparation(),
      photo_resize(),
      repeated_softmax(),
  };
  return table;
}

}  // namespace tv2onnx::doctor
