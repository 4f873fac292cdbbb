#include "jobs/run_folder.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/output_file.h"
#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kRunFile = "run.json";
constexpr const char* kListFile = "list.txt";

/// A file that is there already stays: another task of the run was first.
void write_unless_there(const fs::path& path, std::string_view text) {
  try {
    OutputFile file(path, false);
    file.write(text);
    file.commit_to_disk();
  } catch (const Error& error) {
    if (error.code() != "O004") throw;
  }
}

std::string run_text(const RunFacts& facts, const ImageList& list) {
  Json json{{"form", 1},
            {"images", list.lines.size()},
            {"list", list.hash},
            {"shards", facts.shards},
            {"part_size", facts.part_size}};
  for (const auto& [name, value] : facts.facts) json[name] = value;
  return json_text(json) + "\n";
}

std::string value_text(const Setting& run, const std::string& key) {
  const Setting* value = run.find(key);
  if (value == nullptr) return "nothing";
  if (value->string() != nullptr) return printable(*value->string());
  return value->integer() != nullptr ? std::to_string(*value->integer()) : "something else";
}

/// "shards: 4 there, 8 here"
std::vector<std::string> differences(const std::string& there, const std::string& here) {
  const Setting a = parse_json(there);
  const Setting b = parse_json(here);
  std::set<std::string> keys;
  for (const Setting* run : {&a, &b}) {
    if (run->dict() == nullptr) return {"what is there is no run.json of this program"};
    for (const SettingMember& member : *run->dict()) keys.insert(member.first);
  }
  std::vector<std::string> lines;
  for (const std::string& key : keys) {
    const std::string left = value_text(a, key);
    const std::string right = value_text(b, key);
    if (left != right) lines.push_back(fmt::format("{}: {} there, {} here", key, left, right));
  }
  return lines;
}

void require_same_run(const fs::path& folder, const std::string& text) {
  const std::string there = read_text_file(folder / kRunFile);
  if (there == text) return;
  throw Error({.code = "J002",
               .found = "the folder belongs to another run",
               .where = {.file = (folder / kRunFile).string()},
               .details = differences(there, text),
               .hint = "give another folder with -o"});
}

std::size_t member_of(const Setting& run, const char* key, const fs::path& folder) {
  const Setting* value = run.find(key);
  if (value != nullptr && value->integer() != nullptr && *value->integer() > 0 &&
      *value->integer() <= kLargestCount) {
    return static_cast<std::size_t>(*value->integer());
  }
  throw Error({.code = "J001",
               .found = fmt::format("{} has no count in '{}'", kRunFile, key),
               .where = {.file = (folder / kRunFile).string()},
               .expected = fmt::format("a whole number from 1 to {}", kLargestCount),
               .hint = "copy it from where the run was made, or run the list again into another "
                       "folder"});
}

}  // namespace

RunFolder begin_run(const fs::path& folder, const RunFacts& facts, const ImageList& list) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  const std::string text = run_text(facts, list);
  write_unless_there(folder / kRunFile, text);
  require_same_run(folder, text);
  write_unless_there(folder / kListFile, list.text);
  return {folder, hash_digits(text), list.lines.size(), facts.shards, facts.part_size};
}

RunFolder open_run(const fs::path& folder, ImageList& list) {
  std::error_code problem;
  if (!fs::exists(folder / kRunFile, problem)) {
    throw Error({.code = "J001",
                 .found = "no folder of a run over a list",
                 .where = {.file = folder.string()},
                 .expected = fmt::format("a folder with {}", kRunFile),
                 .hint = "give the folder that tv2onnx predict --list wrote with -o"});
  }
  const std::string text = read_text_file(folder / kRunFile);
  Setting run;
  try {
    run = parse_json(text);
  } catch (const Error& error) {
    throw error.in_file((folder / kRunFile).string());
  }
  read_image_list(folder / kListFile, list);
  const Setting* hash = run.find("list");
  if (hash == nullptr || hash->string() == nullptr || *hash->string() != list.hash) {
    throw Error({.code = "J001",
                 .found = "the list is not that of the run",
                 .where = {.file = (folder / kListFile).string()},
                 .hint = "copy the list of the run there again"});
  }
  return {folder, hash_digits(text), list.lines.size(), member_of(run, "shards", folder),
          member_of(run, "part_size", folder)};
}

}  // namespace tv2onnx
