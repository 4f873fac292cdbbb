// The table of rooms in docs/architecture.md: which room may include which, edge by edge. A file
// includes files of its own room and of those that its room's row names; an edge that no #include
// uses any more has to go from the table.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/files.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using Names = std::set<std::string>;

constexpr const char* kTable = "docs/architecture.md, \"Rooms\"";

/// The words in backquotes of one cell.
Names names_in(const std::string& cell) {
  const std::regex quoted("`([^`]+)`");
  Names names;
  for (std::sregex_iterator at(cell.begin(), cell.end(), quoted), end; at != end; ++at) {
    names.insert((*at)[1]);
  }
  return names;
}

struct Row {
  Names headers;   ///< of include/tv2onnx/
  Names includes;  ///< other rooms
};

std::map<std::string, Row> read_table() {
  std::istringstream document(testing::read_file(TV2ONNX_SOURCE_DIR "/docs/architecture.md"));
  const std::regex row(R"(\| `(\w+)` \|[^|]*\|([^|]*)\|([^|]*)\|)");
  std::map<std::string, Row> rows;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("## ")) inside = line == "## Rooms";
    std::smatch cells;
    if (!inside || !std::regex_match(line, cells, row)) continue;
    rows[cells[1]] = {names_in(cells[2]), names_in(cells[3])};
  }
  return rows;
}

const std::map<std::string, Row>& rooms() {
  static const std::map<std::string, Row> rows = read_table();
  return rows;
}

/// Room of an include path or of a path below src/ or include/; "" if it has none.
std::string room_of(const std::string& path) {
  const std::string folder = path.substr(0, path.find('/'));
  if (folder != "tv2onnx") return rooms().contains(folder) ? folder : "";
  for (const auto& [room, row] : rooms()) {
    if (row.headers.contains(path.substr(folder.size() + 1))) return room;
  }
  return "";
}

struct Source {
  std::string path;  ///< below src/ or include/
  std::vector<std::string> includes;
};

std::vector<Source> sources_below(const fs::path& root) {
  const std::regex include("(?:^|\n)#include \"([^\"]+)\"");
  std::vector<Source> sources;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".h") continue;
    Source source{fs::relative(entry.path(), root).generic_string(), {}};
    const std::string text = testing::read_file(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) {
      source.includes.push_back((*at)[1]);
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

std::vector<Source> all_sources() {
  std::vector<Source> all = sources_below(TV2ONNX_SOURCE_DIR "/src");
  for (Source& source : sources_below(TV2ONNX_SOURCE_DIR "/include")) {
    all.push_back(std::move(source));
  }
  return all;
}

TEST(Architecture, EveryFileBelongsToARoomAndEveryRoomHasFiles) {
  Names unused;
  for (const auto& [room, row] : rooms()) {
    unused.insert(room);
    for (const std::string& header : row.headers) unused.insert("tv2onnx/" + header);
  }
  for (const Source& source : all_sources()) {
    const std::string room = room_of(source.path);
    EXPECT_NE(room, "") << source.path << ": name its room in " << kTable;
    unused.erase(room);
    unused.erase(source.path);
  }
  EXPECT_THAT(unused, IsEmpty()) << "these are in " << kTable << ", but not in src or include";
}

/// The edges that the sources have, each with an example.
std::map<std::pair<std::string, std::string>, std::string> used_edges() {
  std::map<std::pair<std::string, std::string>, std::string> edges;
  for (const Source& source : all_sources()) {
    const std::string room = room_of(source.path);
    for (const std::string& include : source.includes) {
      const std::string other = room_of(include);
      if (other != room) edges[{room, other}] = source.path + " includes " + include;
    }
  }
  return edges;
}

TEST(Architecture, RoomsIncludeExactlyWhatTheTableSays) {
  const auto used = used_edges();
  for (const auto& [edge, example] : used) {
    const auto& [room, other] = edge;
    EXPECT_NE(other, "") << example << ", which is in no room of " << kTable;
    if (room.empty() || other.empty()) continue;
    EXPECT_TRUE(rooms().at(room).includes.contains(other))
        << example << ": name " << other << " in the row of " << room << " in " << kTable;
  }
  for (const auto& [room, row] : rooms()) {
    for (const std::string& other : row.includes) {
      EXPECT_TRUE(used.contains({room, other}))
          << "no file of " << room << " includes one of " << other << ": take it out of " << kTable;
    }
  }
}

void add_reachable(const std::string& room, Names& reached) {
  if (!reached.insert(room).second || !rooms().contains(room)) return;
  for (const std::string& other : rooms().at(room).includes) add_reachable(other, reached);
}

TEST(Architecture, TheRoomsHaveNoCycle) {
  for (const auto& [room, row] : rooms()) {
    for (const std::string& other : row.includes) {
      Names reached;
      add_reachable(other, reached);
      EXPECT_FALSE(reached.contains(room)) << room << " and " << other;
    }
  }
}

TEST(Architecture, PublicHeadersIncludeOnlyPublicOnes) {
  for (const Source& source : sources_below(TV2ONNX_SOURCE_DIR "/include")) {
    for (const std::string& include : source.includes) {
      EXPECT_TRUE(include.starts_with("tv2onnx/")) << source.path << " includes " << include;
    }
  }
}

}  // namespace
}  // namespace tv2onnx
