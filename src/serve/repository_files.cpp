#include "serve/repository_files.h"

#include <system_error>

#include "base/output_file.h"
#include "tv2onnx/error.h"

namespace tv2onnx::serve {

void make_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (!problem) return;
  throw Error({.code = "O003",
               .found = "cannot make the folder: " + problem.message(),
               .where = {.file = folder.string()}});
}

void write_below(const std::filesystem::path& path, std::span<const std::byte> bytes,
                 bool overwrite) {
  make_folder(path.parent_path());
  OutputFile file(path, overwrite);
  file.write(bytes);
  file.commit();
}

std::shared_ptr<const MappedFile> complete_file(const std::filesystem::path& model,
                                                const SessionOptions& session) {
  auto file = MappedFile::open(model);
  const Session alone(file->bytes(), model.string(), session);
  return file;
}

}  // namespace tv2onnx::serve
