#include "checkpoint/safetensors_header.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "checkpoint/plain.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::json;

/// Receives the parser's events; false stops it, and `problem` says why.
class Receiver : public nlohmann::json_sax<Json> {
 public:
  explicit Receiver(std::size_t bytes) : budget_(bytes) {}

  SafetensorsHeader header;
  std::string problem;
  std::size_t error_position = 0;

  bool null() override { return refuse("null"); }
  bool boolean(bool) override { return refuse("a boolean"); }
  bool number_float(double, const std::string&) override { return refuse("a fraction"); }
  bool binary(Json::binary_t&) override { return refuse("binary data"); }
  bool number_integer(std::int64_t) override { return refuse("a negative number"); }

  bool number_unsigned(std::uint64_t value) override {
    constexpr std::size_t kMaxRank = 64;
    if (place_ == Place::kShape && value <= INT64_MAX && entry().shape.size() < kMaxRank) {
      entry().shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (place_ == Place::kRange && entry().range.size() < 2) {
      entry().range.push_back(value);
      return true;
    }
    return refuse(fmt::format("the number {}", value));
  }

  bool string(std::string& value) override {
    budget_.spend(value.size());
    if (place_ == Place::kMetadata) {
      header.metadata.back().second = {std::move(value)};
      return true;
    }
    if (place_ != Place::kTensor || key_ != "dtype") return refuse("a string");
    entry().dtype = std::move(value);
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::kStart) {
      place_ = Place::kTop;
    } else if (place_ == Place::kTop) {
      place_ = key_ == "__metadata__" ? Place::kMetadata : Place::kTensor;
      if (place_ == Place::kTensor) add_entry();
    } else {
      return refuse("an object");
    }
    return true;
  }

  bool key(std::string& value) override {
    key_ = std::move(value);
    if (place_ == Place::kMetadata) {
      budget_.spend(sizeof(SettingDict::value_type) + key_.size());
      header.metadata.emplace_back(key_, Setting{});
    }
    return true;
  }

  bool end_object() override {
    place_ = place_ == Place::kTop ? Place::kEnd : Place::kTop;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::kTensor && key_ == "shape" && entry().shape.empty()) {
      place_ = Place::kShape;
    } else if (place_ == Place::kTensor && key_ == "data_offsets" && entry().range.empty()) {
      place_ = Place::kRange;
    } else {
      return refuse("a list");
    }
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    error_position = position;
    if (problem.empty()) problem = "the header is not valid JSON";
    return false;
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kShape, kRange, kEnd };

  SafetensorsEntry& entry() { return header.tensors.back(); }

  void add_entry() {
    budget_.spend(sizeof(SafetensorsEntry) + sizeof(Tensor) + key_.size());
    header.tensors.emplace_back().name = key_;
  }

  bool refuse(std::string_view found) {
    problem = fmt::format("the header has {} in '{}'", found, printable(key_, 60));
    return false;
  }

  Place place_ = Place::kStart;
  std::string key_;
  Budget budget_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t offset) {
  Receiver receiver(text.size());
  if (!Json::sax_parse(text.begin(), text.end(), &receiver)) {
    throw Error({.code = "C007",
                 .found = receiver.problem,
                 .where = {.file = {}, .offset = offset + receiver.error_position, .item = {}},
                 .expected = "{\"NAME\": {\"dtype\", \"shape\", \"data_offsets\"}, ...}"});
  }
  return std::move(receiver.header);
}

}  // namespace tv2onnx
