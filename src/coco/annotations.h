#pragma once
// COCO's annotations: which number an image has.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

using Paths = std::vector<std::filesystem::path>;

/// The numbers of the images in the text of an annotation file; `name` stands for it in errors.
/// \throws Error U005, U002 (an image that the annotations do not have, or have twice).
std::vector<std::int64_t> annotated_ids(const Paths& images, std::string_view json,
                                        const std::string& name);

}  // namespace tv2onnx
