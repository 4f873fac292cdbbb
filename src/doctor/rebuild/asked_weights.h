#pragma once
// What the build of a row of the table of models asks for, given what is known so far.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {

using KnownWeights = std::map<std::string, Tensor, std::less<>>;

/// A tensor that the build wants.
struct AskedWeight {
  std::string leaf;
  Shape shape;  ///< may hold kAny; only of missing ones
  bool missing = false;
};

/// The tensors of a module, in the order of the data.
struct AskedModule {
  std::string path;
  std::vector<AskedWeight> weights;

  std::string key(const AskedWeight& weight) const;
  const AskedWeight* find(std::string_view leaf) const;
  bool misses() const;
};

struct AskedWeights {
  bool fits = false;  ///< the build came to its end, and no known tensor has another shape
  std::vector<AskedModule> modules;

  bool complete() const;
  bool has(std::string_view key) const;
};

AskedWeights asked_by(const Model& row, const KnownWeights& known);

}  // namespace tv2onnx::doctor
