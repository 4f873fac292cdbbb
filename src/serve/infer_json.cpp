#include "serve/infer_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"
#include "serve/refuse.h"
#include "tv2onnx/error.h"

namespace tv2onnx::serve {
namespace {

using Json = nlohmann::json;
using Event = Json::parse_event_t;

constexpr int kInputsDepth = 1;  // {"inputs": [
constexpr int kInputDepth = 2;   //   {
constexpr int kDataDepth = 3;    //     "data": [
constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxValues = 4096;                // beside the data
constexpr std::int64_t kExact = std::int64_t{1} << 53;  // up to it every whole number is a double

bool is_beyond_doubles(const Json& value) {
  if (value.is_number_unsigned()) return std::cmp_greater(value.get<std::uint64_t>(), kExact);
  return value.is_number_integer() && value.get<std::int64_t>() < -kExact;
}

/// Follows the parser through the text and takes the numbers out of it.
class Filter {
 public:
  explicit Filter(std::vector<std::vector<double>>& numbers) : numbers_(numbers) {}

  /// Whether the value is kept in the tree.
  bool operator()(int depth, Event event, const Json& value) {
    if (depth > kMaxDepth) refuse("JSON that is nested too deep");
    if (event == Event::key) return take_key(depth, value.get_ref<const std::string&>());
    if (event == Event::object_start && depth == kInputDepth && in_inputs_) {
      numbers_.emplace_back();
    }
    if (event == Event::array_start && depth == kDataDepth && next_is_data_) in_data_ = true;
    if (in_data_) return take_data(depth, event, value);
    if (++kept_ > kMaxValues) refuse("more values than an inference request has");
    return true;
  }

 private:
  bool take_key(int depth, const std::string& key) {
    if (in_data_) refuse("an object in the data of an input");
    if (depth == kInputsDepth) in_inputs_ = key == "inputs";
    if (depth == kDataDepth) next_is_data_ = in_inputs_ && key == "data";
    return true;
  }

  bool take_data(int depth, Event event, const Json& value) {
    if (event == Event::array_start) return true;
    if (event == Event::array_end) {
      if (depth == kDataDepth) in_data_ = next_is_data_ = false;
      return depth == kDataDepth;
    }
    if (event != Event::value) refuse("an object in the data of an input");
    if (value.is_string()) {
      refuse("text in the data of an input",
             "numbers; encoded images (BYTES) come as binary data, which JSON cannot hold");
    }
    if (!value.is_number() && !value.is_boolean()) refuse("null in the data of an input");
    if (is_beyond_doubles(value)) {
      refuse("a whole number above 2^53 in JSON", "such numbers as binary data");
    }
    numbers_.back().push_back(value.is_boolean() ? value.get<bool>() : value.get<double>());
    return false;
  }

  std::vector<std::vector<double>>& numbers_;
  bool in_inputs_ = false;
  bool next_is_data_ = false;
  bool in_data_ = false;
  std::size_t kept_ = 0;
};

}  // namespace

Json parse_infer_json(std::string_view text, std::vector<std::vector<double>>& numbers) {
  try {
    Json json = Json::parse(text.begin(), text.end(), Filter(numbers));
    if (!json.is_object()) refuse("a request that is no JSON object");
    return json;
  } catch (const Json::exception& problem) {
    throw Error(
        {.code = "U005", .found = "invalid JSON: " + printable(json_problem(problem.what()), 300)});
  }
}

}  // namespace tv2onnx::serve
