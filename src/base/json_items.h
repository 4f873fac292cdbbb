#pragma once
// JSON with lists that are too long to be kept.

#include <cstddef>
#include <functional>
#include <string_view>

#include "tv2onnx/setting.h"

namespace tv2onnx {

/// Takes an entry of a list: the list's key ("" if the whole text is a list), and its index.
using JsonItem = std::function<void(std::string_view list, std::size_t index, const Setting& item)>;

/// As parse_json, but entries of the text's list, or of lists that are members of its dict, are
/// given to `item` one after the other: what comes back has these lists without entries.
Setting parse_json_items(std::string_view text, const JsonItem& item);

}  // namespace tv2onnx
