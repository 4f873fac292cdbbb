#include "run/each_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/longest_shown.h"
#include "base/output_file.h"
#include "base/text.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/image.h"

namespace tv2onnx {

namespace fs = std::filesystem;

bool concerns_one_image(ErrorCode code) {
  static constexpr std::array<ErrorCode, 7> kCodes{"I001", "I002", "I003", "I004",
                                                   "C001", "R003", "R006"};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

std::string drawable_name(const std::vector<std::string>& names, std::int64_t label) {
  std::string name = class_name(names, label);
  const auto ascii = [](char c) { return c >= 0x20 && c < 0x7F; };
  return std::ranges::all_of(name, ascii) ? name : class_name({}, label);
}

std::string label_text(const std::vector<std::string>& names, std::int64_t label, float score) {
  return fmt::format("{} {:.2f}", drawable_name(names, label), score);
}

void require_pictures(std::size_t pictures, std::size_t images) {
  if (pictures == 0 || pictures == images) return;
  throw Error({.code = "U003",
               .found = fmt::format("{} pictures to draw for {} images", pictures, images),
               .where = {.item = "pictures"},
               .expected = "one for each image, or none"});
}

void write_picture(const Tensor& picture, const fs::path& target, bool overwrite) {
  const bool jpeg = target.extension() == ".jpg";
  write_bytes(encode_image(picture, jpeg ? ImageFormat::kJpeg : ImageFormat::kPng), target,
              overwrite);
}

void write_bytes(std::span<const std::byte> bytes, const fs::path& target, bool overwrite) {
  OutputFile file(target, overwrite);
  file.write(bytes);
  file.commit();
}

fs::path target_of(const std::vector<fs::path>& targets, std::size_t k) {
  return targets.empty() ? fs::path() : targets[k];
}

nlohmann::ordered_json error_json(const fs::path& file, const Error& error) {
  return {{"code", error.code().name()}, {"message", error_line(file, error)}};
}

std::string error_line(const fs::path& file, const Error& error) {
  const ErrorParts& parts = error.parts();
  std::string line = fmt::format("error[{}]: {}: {}", parts.code.name(),
                                 printable(file.string(), kLongestShown), parts.found);
  if (!parts.expected.empty()) line += "; expected " + parts.expected;
  for (const std::string& detail : parts.details) line += "; " + detail;
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace tv2onnx
