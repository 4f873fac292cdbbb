#pragma once
// What depends on how many things are found in an image.

#include <set>
#include <string_view>

#include "rewrite/view.h"

namespace tv2onnx {

/// Values whose shape or content depends on what was found.
std::set<std::string_view> data_dependent(const View& view);

/// The NonMaxSuppression or NonZero whose findings the value lists along its first axis, as many as
/// there happen to be: not padded on the way. Null if it is no such list.
const OnnxNode* finder_of(const View& view, std::string_view value);

/// Whether the value is a list of what was found, as long as it happens to be.
bool is_list_of_found(const View& view, std::string_view value);

}  // namespace tv2onnx
