#pragma once
// JSON as reports write it.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// The float's own shortest digits: 0.98, not 0.9800000190734863.
double short_number(float value);

/// On one line; what is no UTF-8, in a path, becomes the replacement character.
std::string json_line(const nlohmann::ordered_json& json);

/// A list with one item on each line.
std::string json_list(const std::vector<std::string>& items, std::string_view indent);

}  // namespace tv2onnx
