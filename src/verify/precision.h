#pragma once
// What PyTorch's own float64 says about its float32: how much rounding matters for an image.

#include <vector>

#include "tv2onnx/verify.h"
#include "verify/pairing.h"

namespace tv2onnx {

class RoundingOfFloat32 {
 public:
  /// `precise` may be null: nothing is known then. The lists must outlive it.
  RoundingOfFloat32(const Detections& single, const Detections* precise,
                    const Tolerance& tolerance);

  /// Three times the rounding, at least the tolerance.
  const Tolerance& allowed() const { return allowed_; }
  /// What float64 finds for the k-th detection of float32, or null.
  const Detection* partner(std::size_t k) const { return partners_[k]; }
  /// Takes out what float64 decides otherwise than float32.
  void take_imprecise(DetectionComparison& result, Pairing& pairing) const;

 private:
  const Detections* precise_;
  Tolerance allowed_;
  std::vector<const Detection*> partners_;
};

}  // namespace tv2onnx
