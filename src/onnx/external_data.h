#pragma once
// Weights that lie in files beside the model.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "onnx/model.h"

namespace tv2onnx {

/// Where the elements of a tensor lie in another file.
struct ExternalPlace {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// The files beside a model. All that a model says about them is checked here, for whoever reads
/// it: they lie in the model's folder, also behind links, they are ordinary files, and they have
/// the bytes that type and shape of the tensor take. Where the model itself is a link, as in the
/// caches of some hubs, the folder that it leads to will do too.
class ExternalFiles {
 public:
  explicit ExternalFiles(std::filesystem::path model) : model_(std::move(model)) {}

  /// \throws Error C001 (the file is missing), C002 (it is too short), O002 (all else).
  ExternalPlace place_of(const OnnxTensor& tensor);

 private:
  struct File {
    std::filesystem::path path;
    std::uint64_t size = 0;
  };
  const File& file_at(const std::string& location, const OnnxTensor& tensor);

  std::filesystem::path model_;
  std::map<std::string, File> files_;
};

/// Lets the initialisers that are in other files show their elements there, so that the model is
/// complete. `path` is the model's. \throws Error as ExternalFiles::place_of.
void load_external_data(OnnxModel& model, const std::filesystem::path& path);

/// Checks what the model says of other files. \throws Error as ExternalFiles::place_of, with
/// `path`.
void check_external_data(const OnnxModel& model, const std::filesystem::path& path);

/// The files beside a model that have weights of it, as it says; empty if it has all itself. They
/// are not looked at.
std::vector<std::filesystem::path> external_files(const std::filesystem::path& model);

/// The first tensor that lies in another file, nested graphs included; null if there is none.
const OnnxTensor* external_tensor(const OnnxGraph& graph);

}  // namespace tv2onnx
