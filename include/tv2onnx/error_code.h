#pragma once
/// \file
/// The stable codes of errors and of the doctor's findings, as a type that is checked when
/// compiled, and the table that explains them.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

/// All codes: a letter (C container, D doctor, P pickle, W weights, ...) and a number. "" is no
/// code. What each means stands in src/base/error_codes.cpp, in the same order.
inline constexpr auto kErrorCodeNames = std::to_array<std::string_view>(
    {"",     "C001", "C002", "C003", "C004", "C005", "C006", "C007", "C008", "C009", "C010", "C011",
     "D01",  "D02",  "D03",  "D04",  "D05",  "D06",  "D07",  "D08",  "D09",  "D10",  "D11",  "D12",
     "D13",  "D14",  "D15",  "D16",  "D17",  "D18",  "D19",  "D20",  "D101", "D102", "D110", "D111",
     "D112", "D113", "G001", "I001", "I002", "I003", "I004", "I005", "I006", "J001", "J002", "O001",
     "O002", "O003", "O004", "P001", "P002", "P003", "P004", "R001", "R002", "R003", "R004", "R005",
     "R006", "R007", "R008", "R009", "U001", "U002", "U003", "U005", "V001", "V002", "V003", "V004",
     "V005", "W001", "W002", "W003", "W004", "W005", "W006", "W007", "X001", "X002", "X003"});

/// One of kErrorCodeNames. A text literal becomes one when compiled; one that is no code is a
/// compile error. Codes are compared, their texts are not.
class ErrorCode {
 public:
  /// No code: of a message that is nobody's fault.
  constexpr ErrorCode() = default;
  consteval ErrorCode(const char* name) : index_(index_of(name)) {}  // NOLINT: meant to convert

  /// "W003", or "" for no code.
  constexpr std::string_view name() const { return kErrorCodeNames[index_]; }
  constexpr bool empty() const { return index_ == 0; }
  friend constexpr auto operator<=>(ErrorCode, ErrorCode) = default;

 private:
  static consteval std::uint8_t index_of(std::string_view name) {
    for (std::size_t k = 1; k < kErrorCodeNames.size(); ++k) {
      if (kErrorCodeNames[k] == name) return static_cast<std::uint8_t>(k);
    }
    throw "no such code: kErrorCodeNames has all";
  }

  std::uint8_t index_ = 0;
};

/// One row of the table; `tv2onnx explain CODE` and docs/errors.md show it.
struct ErrorCodeRow {
  ErrorCode code;
  int exit_code;                 ///< documented process exit code; 0: nothing is wrong
  std::string_view title;        ///< one line
  std::string_view explanation;  ///< what it means and what to do
};

/// The rows of all codes, by letter and number.
std::span<const ErrorCodeRow> error_codes();
/// The row of the code with this name, or null.
const ErrorCodeRow* find_error_code(std::string_view name);

}  // namespace TV2ONNX_API tv2onnx
