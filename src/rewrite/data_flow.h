#pragma once
// What depends on how many things are found in an image.

#include <set>
#include <string_view>

#include "rewrite/view.h"

namespace tv2onnx {

/// Values whose shape or content depends on what was found.
std::set<std::string_view> data_dependent(const View& view);

/// Whether the value is a list of what was found, as long as it happens to be: it comes from
/// NonMaxSuppression or NonZero and was not padded on the way.
bool is_list_of_found(const View& view, std::string_view value);

}  // namespace tv2onnx
