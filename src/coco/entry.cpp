#include "coco/entry.h"

#include <fmt/format.h>

#include <cmath>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr double kFarthest = 1e7;  // coordinates beyond are no pixels

}  // namespace

void Entry::refuse(const std::string& problem) const {
  throw Error(
      {.code = "U005", .found = fmt::format("{} {}: {}", noun, index, problem), .expected = form});
}

const Setting& Entry::member(const char* key) const {
  const Setting* found = value.find(key);
  if (found == nullptr) refuse(fmt::format("no {}", key));
  return *found;
}

std::int64_t Entry::integer(const char* key) const {
  const Setting& found = member(key);
  if (found.integer() != nullptr) return *found.integer();
  double number = 0;  // 3.0, as tools write that keep ids in arrays
  if (!found.number(number) || std::floor(number) != number || std::abs(number) > 1e15) {
    refuse(fmt::format("{} is no whole number", key));
  }
  return static_cast<std::int64_t>(number);
}

double Entry::number(const char* key) const {
  double found = 0;
  if (!member(key).number(found) || !std::isfinite(found)) {
    refuse(fmt::format("{} is no number", key));
  }
  return found;
}

std::vector<double> Entry::numbers(const Setting& list, const char* key) const {
  if (list.list() == nullptr) refuse(fmt::format("{} is no list", key));
  std::vector<double> found;
  found.reserve(list.list()->size());
  for (const Setting& one : *list.list()) {
    double number = 0;
    if (!one.number(number) || !(std::abs(number) <= kFarthest)) {
      refuse(fmt::format("{} has what is no number of pixels", key));
    }
    found.push_back(number);
  }
  return found;
}

}  // namespace tv2onnx
