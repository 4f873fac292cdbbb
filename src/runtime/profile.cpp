#include "runtime/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/mapped_file.h"
#include "base/platform_files.h"
#include "base/stable_sort.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

thread_local fs::path prefix_now;

/// A folder of its own for the file, whose name the runtime chooses.
class ProfileFolder {
 public:
  ProfileFolder() : path_(platform::make_temporary_folder("tv2onnx-profile")) {
    if (path_.empty()) {
      throw Error({.code = "O003",
                   .found = "no folder can be made for the profile",
                   .where = {.file = fs::temp_directory_path().string()}});
    }
    prefix_now = path_ / "run";
  }
  ~ProfileFolder() {
    prefix_now.clear();
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ProfileFolder(const ProfileFolder&) = delete;
  ProfileFolder& operator=(const ProfileFolder&) = delete;

  std::string text() const {
    for (const auto& entry : fs::directory_iterator(path_)) return read_text_file(entry.path());
    return "[]";
  }

 private:
  fs::path path_;
};

}  // namespace

const fs::path& profile_prefix() {
  return prefix_now;
}

std::vector<OperatorTime> operator_times(const fs::path& model, const std::vector<Tensor>& inputs,
                                         int runs, const SessionOptions& options) {
  const ProfileFolder folder;
  {
    const Session session(model, options);
    for (int run = 0; run < runs; ++run) session.run(inputs);
  }  // which writes the profile
  struct Sum {
    std::set<std::string> nodes;
    double microseconds = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& event : nlohmann::json::parse(folder.text(), nullptr, false)) {
    const std::string name = event.value("name", "");
    if (event.value("cat", "") != "Node" || !name.ends_with("_kernel_time")) continue;
    Sum& sum = sums[event.value("args", nlohmann::json::object()).value("op_name", "?")];
    sum.nodes.insert(name);
    sum.microseconds += event.value("dur", 0.0);
  }
  std::vector<OperatorTime> times;
  for (const auto& [op, sum] : sums) {
    times.push_back({op, sum.nodes.size(), sum.microseconds / 1000 / runs});
  }
  sort_stably(times, std::ranges::greater(), &OperatorTime::ms);
  return times;
}

}  // namespace tv2onnx
