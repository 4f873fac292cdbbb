#pragma once
// JSON as reports write it.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// The float's own shortest digits: 0.98, not 0.9800000190734863.
double short_number(float value);

/// A report, indented. What is no UTF-8 becomes the replacement character, and no character is left
/// that a terminal obeys.
std::string json_text(const nlohmann::ordered_json& json);

/// The same on one line; as entries of long lists are written.
std::string json_line(const nlohmann::ordered_json& json);

/// A list with one item on each line.
std::string json_list(const std::vector<std::string>& items, std::string_view indent);

}  // namespace tv2onnx
