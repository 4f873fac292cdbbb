#pragma once
// The page as a folder of files that needs no server of ours: the model runs in the browser.

#include <filesystem>
#include <string>
#include <vector>

#include "serve/model.h"

namespace tv2onnx::serve {

struct PageOptions {
  /// Folder with the files of the npm package onnxruntime-web; empty: what scripts/setup fetched,
  /// or what lies in lib/tv2onnx/web of the installation.
  std::filesystem::path web = {};
  bool overwrite = false;
};

/// page.json: how the page makes the model's input, and what its outputs are.
std::string page_settings(const std::string& name, const Runner& runner);

/// Writes the page, the model and onnxruntime-web to `folder`, and returns what was written.
/// \throws Error as load_runner; R007: the page cannot make what this model takes; R001: no
/// onnxruntime-web; R008: the file's weights lie in other files; O003, O004.
std::vector<std::filesystem::path> write_page(const NamedFile& model,
                                              const std::filesystem::path& folder,
                                              const SessionOptions& session,
                                              const PageOptions& options);

}  // namespace tv2onnx::serve
