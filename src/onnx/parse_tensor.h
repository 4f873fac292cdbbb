#pragma once
// The parts of a model that stand in several of its messages: numbers, entries, tensors.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "onnx/model.h"
#include "onnx/wire.h"

namespace tv2onnx {

/// Appends the numbers of a repeated field, packed or not.
void take_integers(const wire::Reader& reader, const wire::Field& field,
                   std::vector<std::int64_t>& values);
void take_floats(const wire::Field& field, std::vector<float>& values);

inline constexpr std::size_t kMostDims = 64;
/// \throws Error O002 for a rank that no tensor has.
void require_rank(std::size_t rank, std::uint64_t offset);

/// Key and value of a StringStringEntryProto.
std::pair<std::string, std::string> read_entry(wire::Reader reader);

/// The TensorProto in `message`, a field that `outer` gave last.
OnnxTensor read_tensor(const wire::Reader& outer, const wire::Field& message);

}  // namespace tv2onnx
