#pragma once
// How many dimensions a value has, as far as the operators say.

#include <cstdint>
#include <optional>
#include <string_view>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

/// Nullopt: not known.
std::optional<std::int64_t> rank_of(const View& view, std::string_view value);

}  // namespace tv2onnx::doctor
