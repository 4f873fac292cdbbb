// The documents: links lead somewhere, commands and options exist, quoted code is the code, and the
// two languages of the README say the same.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/run_tool.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::read_file;
using testing::run_tool;

const fs::path kRoot = TV2ONNX_SOURCE_DIR;

std::string document(const fs::path& path) {
  return read_file(kRoot / path);
}

/// All documents of the project, relative to its root.
std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    if (entry.path().extension() == ".md") found.push_back(entry.path().filename());
  }
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(fs::relative(entry.path(), kRoot));
  }
  return found;
}

/// Parts of a text that match, by their first group.
std::vector<std::string> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

struct Block {
  std::string language;
  std::string text;
};

/// A document taken apart: fenced blocks, and the prose without them.
struct Parts {
  std::vector<Block> blocks;
  std::string prose;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Parts parts_of(const std::string& text) {
  Parts parts;
  bool inside = false;
  for (const std::string& line : lines_of(text)) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin != std::string::npos && line.compare(begin, 3, "```") == 0) {
      inside = !inside;
      if (inside) parts.blocks.push_back({line.substr(begin + 3), ""});
    } else {
      (inside ? parts.blocks.back().text : parts.prose) += line + "\n";
    }
  }
  return parts;
}

/// The anchor that GitHub gives a heading.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80) {
      anchor += static_cast<char>(std::tolower(byte));
    }
  }
  return anchor;
}

std::vector<std::string> anchors_of(const std::string& text) {
  std::vector<std::string> anchors;
  for (const std::string& heading : all_matches(parts_of(text).prose, "(?:^|\n)#+ ([^\n]+)")) {
    anchors.push_back(anchor_of(heading));
  }
  return anchors;
}

/// Link and picture targets of a document.
std::vector<std::string> links_in(const std::string& prose) {
  std::vector<std::string> links = all_matches(prose, R"(\]\(([^)\s]+)\))");
  for (std::string& picture : all_matches(prose, "src=\"([^\"]+)\"")) links.push_back(picture);
  return links;
}

TEST(Docs, LinksLeadSomewhere) {
  std::size_t count = 0;
  for (const fs::path& path : documents()) {
    for (const std::string& link : links_in(parts_of(document(path)).prose)) {
      if (link.find("://") != std::string::npos) continue;
      const std::size_t hash = link.find('#');
      const std::string file = link.substr(0, hash);
      const fs::path target = file.empty() ? path : path.parent_path() / file;
      ++count;
      ASSERT_TRUE(fs::exists(kRoot / target)) << path << " links to " << link;
      if (hash == std::string::npos) continue;
      EXPECT_THAT(anchors_of(document(target)), Contains(link.substr(hash + 1)))
          << path << " links to " << link;
    }
  }
  EXPECT_GT(count, 20U);
}

/// The help of a command, with what only a second page of it lists; "" if there is no such command.
const std::string& help_of(const std::string& command) {
  static std::map<std::string, std::string> known;
  const auto [entry, is_new] = known.try_emplace(command);
  if (is_new) {
    for (const char* flag : {" --help", " --help-settings", " --help-rebuild", " --help-more"}) {
      const auto answer = run_tool(command + flag);
      if (answer.exit_code == 0) entry->second += answer.out;
    }
  }
  return entry->second;
}

const std::vector<std::string> kCommands{"export",   "inspect", "verify",     "predict", "detect",
                                         "evaluate", "doctor",  "bench",      "models",  "explain",
                                         "quantize", "merge",   "completion", "man",     "serve",
                                         "triton",   "page",    "help"};

bool has_option(const std::string& help, const std::string& option) {
  return std::regex_search(help, std::regex("(^|[\\s,])" + option + "([\\s,=]|$)"));
}

std::vector<std::string> options_in(const std::string& text) {
  return all_matches(text, "(?:^|\\s)(--?[a-z][a-z0-9.-]*)");
}

/// Commands of the program in a document, without its name, up to a pipe or a comment.
std::vector<std::string> commands_in(const Parts& parts) {
  const std::string inner = "tv2onnx ([a-z][^|#\n]*)";
  std::vector<std::string> found =
      all_matches(parts.prose, "`(?:build/release/)?tv2onnx ([a-z][^`]*)`");
  for (const Block& block : parts.blocks) {
    if (block.language == "cpp") continue;
    for (std::string& command : all_matches(block.text, "(?:^|\n)(?:\\$ )?" + inner)) {
      found.push_back(std::move(command));
    }
  }
  return found;
}

TEST(Docs, CommandsExistWithTheirOptions) {
  std::size_t count = 0;
  for (const fs::path& path : documents()) {
    for (const std::string& command : commands_in(parts_of(document(path)))) {
      const std::string name = command.substr(0, command.find_first_of(" \n"));
      ASSERT_THAT(kCommands, Contains(name)) << path << ": tv2onnx " << command;
      for (const std::string& option : options_in(command)) {
        EXPECT_TRUE(has_option(help_of(name), option)) << path << ": tv2onnx " << command;
      }
      ++count;
    }
  }
  EXPECT_GT(count, 20U);
}

TEST(Docs, OptionsForUsersExist) {
  std::string all;
  for (const std::string& command : kCommands) all += help_of(command);
  std::size_t count = 0;
  for (const char* path : {"README.md", "README.zh-CN.md", "docs/guide.md", "docs/symptoms.md",
                           "docs/verify.md", "docs/exported-file.md"}) {
    for (const std::string& option :
         all_matches(parts_of(document(path)).prose, "`(--[a-z][a-z0-9.-]*)[^`]*`")) {
      EXPECT_TRUE(has_option(all, option)) << path << ": " << option;
      ++count;
    }
  }
  EXPECT_GT(count, 40U);
}

TEST(Docs, MakeTargetsExist) {
  const std::string makefile = document("Makefile");
  for (const fs::path& path : documents()) {
    const Parts parts = parts_of(document(path));
    std::vector<std::string> targets = all_matches(parts.prose, "`make ([a-z-]+)`");
    for (const Block& block : parts.blocks) {
      for (std::string& target : all_matches(block.text, "(?:^|\n)make ([a-z-]+)")) {
        targets.push_back(std::move(target));
      }
    }
    for (const std::string& target : targets) {
      EXPECT_THAT(makefile, HasSubstr("\n" + target + ":")) << path;
    }
  }
}

TEST(Docs, EveryCodeOfTheDoctorHasASection) {
  const std::string page = document("docs/doctor.md");
  constexpr int kOfDetectors = 17;  // those of classifiers have no picture
  for (int number = 1; number <= 20; ++number) {
    EXPECT_THAT(page, HasSubstr(fmt::format("\n## D{:02}: ", number)));
    if (number <= kOfDetectors) {
      EXPECT_THAT(page, HasSubstr(fmt::format("(images/doctor/d{:02}.svg)", number)));
    }
    EXPECT_THAT(page, HasSubstr(fmt::format("| [D{0:02}](#d{0:02}-", number)));
  }
}

std::vector<std::string> blocks_in(const Parts& parts, const std::string& language) {
  std::vector<std::string> texts;
  for (const Block& block : parts.blocks) {
    if (block.language == language) texts.push_back(block.text);
  }
  return texts;
}

TEST(Docs, TheExamplesAreQuotedAsTheyAre) {
  const Parts readme = parts_of(document("README.md"));
  EXPECT_THAT(blocks_in(readme, "cpp"), Contains(document("examples/library/detect.cpp")));
  const Parts guide = parts_of(document("docs/guide.md"));
  EXPECT_THAT(blocks_in(guide, "cpp"), Contains(document("examples/library/main.cpp")));
  EXPECT_THAT(blocks_in(guide, "cmake"), Contains(document("examples/library/CMakeLists.txt")));
}

TEST(Docs, TheReadmeIsShort) {
  for (const char* path : {"README.md", "README.zh-CN.md"}) {
    EXPECT_LT(lines_of(document(path)).size(), 160U) << path;
  }
}

/// Something that must be the same in all languages: `same` is compared, `source` is shown.
struct Item {
  std::string same;
  std::string source;
};

/// The levels of headings, code without comments, and the numbers of each table row.
std::vector<Item> outline(const std::string& text) {
  const Parts parts = parts_of(text);
  std::vector<Item> found;
  for (const std::string& heading : all_matches(parts.prose, "(?:^|\n)(#+ [^\n]*)")) {
    found.push_back({heading.substr(0, heading.find(' ')), heading});
  }
  const std::regex comment("[ \t]+#[^\n]*");
  for (const auto& [language, code] : parts.blocks) {
    found.push_back({language == "sh" ? std::regex_replace(code, comment, "") : code, code});
  }
  for (const std::string& row : all_matches(parts.prose, "(\\|[^\n]*)\n")) {
    std::vector<std::string> numbers = all_matches(row, "([0-9]+(?:[.x][0-9]+)*)");
    std::ranges::sort(numbers);
    std::string all;
    for (const std::string& number : numbers) all += number + " ";
    found.push_back({all, row});
  }
  return found;
}

TEST(Docs, TheTranslationSaysTheSame) {
  const std::vector<Item> english = outline(document("README.md"));
  const std::vector<Item> chinese = outline(document("README.zh-CN.md"));
  EXPECT_EQ(english.size(), chinese.size());
  for (std::size_t k = 0; k < std::min(english.size(), chinese.size()); ++k) {
    ASSERT_EQ(english[k].same, chinese[k].same) << english[k].source << "\n" << chinese[k].source;
  }
}

}  // namespace
}  // namespace tv2onnx
