#pragma once
// What running a file on many images has in common, whatever it finds.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <new>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "tv2onnx/error.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// Errors of one image, after which the others can go on.
bool concerns_one_image(ErrorCode code);

/// "cat", in letters that the drawing font has: names in other scripts become "class 3".
std::string drawable_name(const std::vector<std::string>& names, std::int64_t label);
/// "cat 0.97", likewise.
std::string label_text(const std::vector<std::string>& names, std::int64_t label, float score);

/// As JPEG for .jpg, else as PNG. \throws Error O003, O004.
void write_picture(const Tensor& picture, const std::filesystem::path& target, bool overwrite);

/// \throws Error U003 unless there is a picture (or another file) for each image, or none at all.
void require_pictures(std::size_t pictures, std::size_t images);

/// The k-th of such files, or no path.
std::filesystem::path target_of(const std::vector<std::filesystem::path>& targets, std::size_t k);

/// What `run` gives, or `failed` with the error that concerns this image alone.
template <typename Result, typename Run>
Result or_error(Result failed, Run run) {
  try {
    return run();
  } catch (const Error& error) {
    if (!concerns_one_image(error.code())) throw;
    failed.error = error;
  } catch (const std::bad_alloc&) {
    failed.error.emplace(ErrorParts{.code = "X002", .found = "out of memory"});
  }
  return failed;
}

/// Bytes as a file. \throws Error O003, O004.
void write_bytes(std::span<const std::byte> bytes, const std::filesystem::path& target,
                 bool overwrite);

/// How many results have an error.
template <typename Result>
std::size_t failures_in(const std::vector<Result>& results) {
  const auto failed = [](const Result& result) { return result.error.has_value(); };
  return static_cast<std::size_t>(std::ranges::count_if(results, failed));
}

/// The error of an image, as all reports have it.
nlohmann::ordered_json error_json(const std::filesystem::path& file, const Error& error);

/// The error of an image on one line, beginning with its code and the file.
std::string error_line(const std::filesystem::path& file, const Error& error);

}  // namespace tv2onnx
