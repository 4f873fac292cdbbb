#pragma once
// That what is found in an image does not depend on what it is in a batch with.

#include <gtest/gtest.h>

#include <vector>

#include "tv2onnx/runtime.h"

namespace tv2onnx::testing {

/// \param batch images; the session's first output has the same number of values for each
inline void expect_independent(const Session& session, const Tensor& batch, double tolerance) {
  const std::vector<float> together = to_float(session.run({batch})[0]);
  for (std::size_t k = 0; k < static_cast<std::size_t>(batch.shape[0]); ++k) {
    Tensor image = part_of(batch, k);
    image.shape.insert(image.shape.begin(), 1);
    const std::vector<float> alone = to_float(session.run({image})[0]);
    ASSERT_GE(together.size(), (k + 1) * alone.size());
    for (std::size_t c = 0; c < alone.size(); ++c) {
      ASSERT_NEAR(alone[c], together[k * alone.size() + c], tolerance) << k;
    }
  }
}

}  // namespace tv2onnx::testing
