#pragma once
// The modules of Inception v3: branches, whose layers are the children of one scope.

#include <cstdint>
#include <string_view>

#include "nn/layers.h"

namespace tv2onnx {

/// A module with branches, whose layers are its children.
struct InceptionModule {
  Scope s;
  double eps;

  Value conv(std::string_view name, Value x, const Conv2d& options) const;
  /// Halves the size without padding.
  Value halving(std::string_view name, Value x, std::int64_t out) const;
};

Value inception_a(const InceptionModule& m, Value x, std::int64_t pooled);
Value inception_b(const InceptionModule& m, Value x);
Value inception_c(const InceptionModule& m, Value x, std::int64_t width);
Value inception_d(const InceptionModule& m, Value x);
Value inception_e(const InceptionModule& m, Value x);

}  // namespace tv2onnx
