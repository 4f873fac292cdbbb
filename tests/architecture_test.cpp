// The layers of docs/architecture.md: a file includes files of its own layer and of the layers
// that layer may use, and nothing else of this project.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/files.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using Layers = std::set<std::string>;

/// What each layer may include directly. What follows from one entry by another is added below.
const std::map<std::string, Layers>& direct_uses() {
  static const std::map<std::string, Layers> uses{
      {"base", {}},
      {"checkpoint", {"base"}},
      {"graph", {"checkpoint"}},
      {"nn", {"graph"}},
      {"zoo", {"nn"}},
      {"passes", {"graph"}},
      {"onnx", {"graph"}},
      {"export", {"zoo", "passes", "onnx"}},
      {"runtime", {"onnx"}},
      {"image", {"runtime"}},
      {"detect", {"image", "zoo"}},
      {"verify", {"detect"}},
      {"doctor", {"export", "verify"}},
      {"cli", {"doctor"}},
  };
  return uses;
}

/// The layer that a public header belongs to.
const std::map<std::string, std::string>& layer_of_header() {
  static const std::map<std::string, std::string> layers{
      {"error.h", "base"},      {"setting.h", "base"},
      {"tensor.h", "base"},     {"checkpoint.h", "checkpoint"},
      {"graph.h", "graph"},     {"nn.h", "nn"},
      {"zoo.h", "zoo"},         {"export.h", "export"},
      {"onnx.h", "onnx"},       {"runtime.h", "runtime"},
      {"detector.h", "detect"}, {"masks.h", "detect"},
      {"image.h", "image"},     {"verify.h", "verify"},
      {"doctor.h", "doctor"},
  };
  return layers;
}

void add_reachable(const std::string& layer, Layers& reached) {
  if (!reached.insert(layer).second) return;
  for (const std::string& lower : direct_uses().at(layer)) add_reachable(lower, reached);
}

/// Layer of an include path or of a path below src/ or include/; "" if it is none of ours.
std::string layer_of(const std::string& path) {
  const std::string prefix = path.substr(0, path.find('/'));
  if (prefix != "tv2onnx") return direct_uses().contains(prefix) ? prefix : "";
  const auto found = layer_of_header().find(path.substr(prefix.size() + 1));
  return found != layer_of_header().end() ? found->second : "";
}

struct Source {
  std::string path;  ///< below src/ or include/
  std::vector<std::string> includes;
};

std::vector<Source> sources_below(const fs::path& root) {
  const std::regex include("(?:^|\n)#include \"([^\"]+)\"");
  std::vector<Source> sources;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
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

TEST(Architecture, EveryFileBelongsToALayer) {
  const std::vector<Source> sources = all_sources();
  EXPECT_GT(sources.size(), 50U);
  for (const Source& source : sources) {
    EXPECT_NE(layer_of(source.path), "") << source.path << ": name its layer in this test";
  }
}

TEST(Architecture, NoFileIncludesAHigherLayer) {
  for (const Source& source : all_sources()) {
    const std::string layer = layer_of(source.path);
    if (layer.empty()) continue;
    Layers allowed;
    add_reachable(layer, allowed);
    for (const std::string& include : source.includes) {
      const std::string included = layer_of(include);
      EXPECT_TRUE(allowed.contains(included))
          << source.path << " (" << layer << ") includes " << include << " ("
          << (included.empty() ? "no layer" : included) << ")";
    }
  }
}

TEST(Architecture, TheLayersHaveNoCycle) {
  for (const auto& [layer, uses] : direct_uses()) {
    for (const std::string& lower : uses) {
      Layers reached;
      add_reachable(lower, reached);
      EXPECT_FALSE(reached.contains(layer)) << layer << " and " << lower;
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
