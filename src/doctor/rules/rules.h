#pragma once
// The rules, one file each.

#include "doctor/rule.h"

namespace tv2onnx::doctor {

Rule zero_proposals_traced();      // D01
Rule zero_proposals_at_runtime();  // D02
Rule input_contract();             // D11
Rule settings();                   // D12
Rule baked_image_size();           // D03
Rule batch_unrolled();             // D04
Rule resized_size_in_float32();    // D05
Rule control_flow();               // D06
Rule half_precision();             // D07
Rule stale_shapes();               // D08
Rule output_names();               // D09
Rule defaults_left();              // D10
Rule quantisation();               // D14
Rule bad_weights();                // D15
Rule bad_structure();
Rule roots_of_integers();  // D15
Rule growing_constants();  // D15
Rule debris();             // D15
Rule slow_parts();         // D16
Rule unfused_layers();     // D16
Rule traced_counts();      // D17
Rule shifted_windows();    // D03
Rule baked_pooling();      // D03
Rule baked_batch();        // D04
Rule photo_preparation();  // D18
Rule photo_resize();       // D19
Rule repeated_softmax();   // D20

}  // namespace tv2onnx::doctor
