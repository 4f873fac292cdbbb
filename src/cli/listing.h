#pragma once
// What `tv2onnx predict` prints while it goes through its inputs, whatever the task.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/progress.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

/// Rows on stdout; progress, errors and hints on stderr.
class Listing {
 public:
  /// \param print the rows; errors in any case
  Listing(std::size_t inputs, bool print, const Invocation& invocation)
      : print_(print), progress_(inputs, invocation.quiet) {}

  void begin(std::string_view name) { progress_.begin(name); }
  void row(const std::string& lines);
  void failure(const std::string& line, const Error& error);
  /// The rows of one input, which `lines()` gives, or its error.
  template <typename Result, typename Lines>
  void show(const Result& one, Lines lines) {
    if (one.error) return failure(error_line(one), *one.error);
    row(lines());
  }
  /// Prints what helps against the errors, once.
  void end();

 private:
  bool print_;
  Progress progress_;
  std::set<std::string> hints_;
};

/// Prints what could not be read, and how much failed; returns the exit code.
int finished(std::size_t failed, std::size_t inputs, const char* noun,
             const std::vector<Error>& problems);

/// The names of --class-names, or those of the model. \param classes how many it has; 0: not known
/// \throws Error C001, U002 (another number).
std::vector<std::string> class_names_for(const std::string& file,
                                         const std::vector<std::string>& own, std::size_t classes);

/// As tables show them.
std::string shown_path(const std::filesystem::path& path);
std::string shown_class(const std::vector<std::string>& names, std::int64_t label);

/// Of a column with the path of each input under a heading of `least` letters.
template <typename Inputs, typename Path = std::identity>
std::size_t path_width(const Inputs& inputs, std::size_t least, Path path_of = {}) {
  std::size_t width = least;
  for (const auto& input : inputs) {
    width = std::max(width, shown_path(std::invoke(path_of, input)).size());
  }
  return width;
}
/// Of a column with one of the classes.
std::size_t class_width(const std::vector<std::string>& names);

}  // namespace tv2onnx::cli
