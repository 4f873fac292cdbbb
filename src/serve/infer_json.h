#pragma once
// The JSON of an inference request. Its numbers go straight into lists, not into a tree, which
// would take ten times the memory; so much else as nobody needs is refused.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

namespace tv2onnx::serve {

/// The request without the data of its inputs, which are in `numbers`, one list for each input in
/// its order. \throws Error U005, R006.
nlohmann::json parse_infer_json(std::string_view text, std::vector<std::vector<double>>& numbers);

}  // namespace tv2onnx::serve
