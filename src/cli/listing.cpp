#include "cli/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/print.h"
#include "tv2onnx/detect.h"

namespace tv2onnx::cli {
namespace {

constexpr std::size_t kLongestClass = 60;

}  // namespace

void Listing::row(const std::string& lines) {
  if (!print_) return;
  progress_.hide();
  print_answer("{}", lines);
}

void Listing::failure(const std::string& line, const Error& error) {
  progress_.hide();
  print_log("{}\n", printable(line, 9000));
  hints_.insert(error.parts().hint);
}

void Listing::end() {
  progress_.hide();
  for (const std::string& hint : hints_) {
    if (!hint.empty()) print_log("hint: {}\n", printable(hint, 1000));
  }
}

int finished(std::size_t failed, std::size_t inputs, const char* noun,
             const std::vector<Error>& problems) {
  for (const Error& problem : problems) print_log("{}\n", problem.what());
  if (failed > 0) print_log("{} of {} {} failed\n", failed, inputs, noun);
  return failed > 0 || !problems.empty() ? kSomeFailed : 0;
}

std::vector<std::string> class_names_for(const std::string& file,
                                         const std::vector<std::string>& own, std::size_t classes) {
  if (file.empty()) return own;
  std::vector<std::string> names = read_class_names(file);
  if (classes == 0 || names.size() == classes) return names;
  throw Error({.code = "U002",
               .found = fmt::format("the file has {}, the model {} classes",
                                    counted(names.size(), "class name"), classes),
               .where = {.file = file},
               .expected = counted(classes, "name")});
}

std::string shown_path(const std::filesystem::path& path) {
  return printable(path.string(), kLongestShown);
}

std::string shown_class(const std::vector<std::string>& names, std::int64_t label) {
  return printable(class_name(names, label), kLongestClass);
}

std::size_t class_width(const std::vector<std::string>& names) {
  std::size_t width = std::string_view(names.empty() ? "class 1000" : "class 90").size();
  for (std::size_t k = 0; k < names.size(); ++k) {
    width = std::max(width, shown_class(names, static_cast<std::int64_t>(k)).size());
  }
  return width;
}

}  // namespace tv2onnx::cli
