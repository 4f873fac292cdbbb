#pragma once
/// \file
/// The one exception type of the library.

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/error_code.h"

namespace TV2ONNX_API tv2onnx {

/// Where a problem was found. Empty members are not printed.
struct Where {
  std::string file = {};                     ///< path of the file, as the caller gave it
  std::optional<std::uint64_t> offset = {};  ///< byte offset inside that file
  std::string item = {};                     ///< tensor key, zip entry, graph node, option
};

/// What an Error says: what was found, where, what was expected, what to do next.
struct ErrorParts {
  ErrorCode code;                         ///< what `tv2onnx explain` explains, e.g. "W003"
  std::string found;                      ///< one line, no full stop
  Where where = {};                       ///< see Where
  std::string expected = {};              ///< what a good input would have had here
  std::vector<std::string> details = {};  ///< further lines, printed as they are
  std::string hint = {};                  ///< what to do next, only if it is likely right
};

/// Thrown by every function of the library that fails. The library neither prints nor exits.
class Error : public std::exception {
 public:
  explicit Error(ErrorParts parts);

  /// The whole message: `error[CODE]: FOUND` and indented lines below it, no trailing newline.
  const char* what() const noexcept override { return text_.c_str(); }
  const ErrorParts& parts() const noexcept { return parts_; }
  ErrorCode code() const noexcept { return parts_.code; }
  /// The process exit code that belongs to the code (2 usage, 3 input, 4 environment, 70 internal).
  int exit_code() const noexcept;

  /// The same error with the file filled in, if it had none: for layers that know only bytes.
  Error in_file(std::string_view path) const;

 private:
  ErrorParts parts_;
  std::string text_;
};

}  // namespace TV2ONNX_API tv2onnx
