#include "zoo/option_kinds.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tv2onnx::kinds {
namespace {

bool integer_from(const Setting& value, std::int64_t low) {
  return value.integer() != nullptr && *value.integer() >= low && *value.integer() <= INT32_MAX;
}

bool number_in(const Setting& value, double low, double high) {
  double number = 0;
  return value.number(number) && number >= low && number <= high;
}

bool positive(const Setting& value) {
  double number = 0;
  return value.number(number) && std::isfinite(number) && number > 0;
}

bool finite(const Setting& value) {
  double number = 0;
  return value.number(number) && std::isfinite(number);
}

/// A list, not empty, of what `fits`.
bool list_of(const Setting& value, const std::function<bool(const Setting&)>& fits) {
  return value.list() != nullptr && !value.list()->empty() &&
         std::ranges::all_of(*value.list(), fits);
}

bool empty_list(const Setting& value) {
  return value.list() != nullptr && value.list()->empty();
}

bool two_counts(const Setting& value) {
  return list_of(value, is_count) && value.list()->size() == 2;
}

}  // namespace

bool is_count(const Setting& value) {
  return integer_from(value, 1);
}
bool is_samples(const Setting& value) {
  return integer_from(value, -1);
}
bool is_size(const Setting& value) {
  const auto side = [](const Setting& one) {
    return positive(one) && number_in(one, 0, INT32_MAX);
  };
  return side(value) || list_of(value, side);
}
bool is_probability(const Setting& value) {
  return number_in(value, 0, 1);
}
bool is_non_negative(const Setting& value) {
  return number_in(value, 0, 1e30);
}
bool is_per_channel(const Setting& value) {
  return finite(value) || list_of(value, finite);
}
bool is_positive_per_channel(const Setting& value) {
  // What is divided by: 1 / x is a number of float32, too.
  const auto divisor = [](const Setting& number) {
    double x = 0;
    return positive(number) && number.number(x) && std::isfinite(static_cast<float>(1 / x)) &&
           std::isfinite(static_cast<float>(x));
  };
  return divisor(value) || list_of(value, divisor);
}
bool is_mean_and_std_or_none(const Setting& value) {
  if (value.is_none()) return true;
  const SettingList* pair = value.list();
  return pair != nullptr && pair->size() == 2 && is_per_channel(pair->front()) &&
         is_positive_per_channel(pair->back());
}
bool is_positives(const Setting& value) {
  return list_of(value, positive);
}
bool is_four_positives(const Setting& value) {
  return is_positives(value) && value.list()->size() == 4;
}
bool is_positives_or_none(const Setting& value) {
  return value.is_none() || is_positives(value);
}
bool is_lists_of_positives(const Setting& value) {
  return list_of(value, is_positives);
}
bool is_lists_some_empty(const Setting& value) {
  return list_of(value, [](const Setting& part) { return is_positives(part) || empty_list(part); });
}
bool is_flag(const Setting& value) {
  return value.boolean() != nullptr;
}
bool is_three_flags(const Setting& value) {
  return list_of(value, is_flag) && value.list()->size() == 3;
}
bool is_counts(const Setting& value) {
  return list_of(value, is_count);
}
bool is_names(const Setting& value) {
  return list_of(value, [](const Setting& part) { return part.string() != nullptr; });
}
bool is_names_or_none(const Setting& value) {
  return value.is_none() || is_names(value);
}
bool is_two_counts_or_none(const Setting& value) {
  return value.is_none() || two_counts(value);
}
bool is_one_or_two_counts(const Setting& value) {
  return is_count(value) || two_counts(value);
}

bool is_one_or_two_counts_or_none(const Setting& value) {
  return value.is_none() || is_one_or_two_counts(value);
}
bool is_interpolation(const Setting& value) {
  const std::string* name = value.string();
  return name != nullptr && (*name == "bilinear" || *name == "bicubic");
}

}  // namespace tv2onnx::kinds
