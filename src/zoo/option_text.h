#pragma once
// Values of options as text: what people type behind an option, and what `export` prints.

#include <string_view>

#include "tv2onnx/setting.h"

namespace tv2onnx {

/// `0.5`, `10,10,5,5`, `[[32],[64]]`, `None`, and to_json() of any value that the option takes.
/// Names and words need no quotes. \throws Error U002.
Setting setting_from_text(std::string_view option, std::string_view text);

}  // namespace tv2onnx
