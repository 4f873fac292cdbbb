#include "serve/triton.h"

#include <span>

#include "serve/repository_files.h"

namespace tv2onnx::serve {
namespace {

namespace fs = std::filesystem;

/// A file to write: its place and its content.
struct Output {
  fs::path path;
  std::string text;
};

std::string labels_text(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

std::vector<Output> texts(const std::string& name, const Runner& runner,
                          const TritonOptions& options) {
  std::vector<Output> outputs{
      {fs::path(name) / "config.pbtxt", triton_config(name, runner, options)}};
  const std::vector<std::string>& names = contract_of(runner).class_names;
  if (!names.empty()) outputs.push_back({fs::path(name) / "labels.txt", labels_text(names)});
  if (!takes_whole_images(runner)) return outputs;
  const fs::path decode = name + "_decode";
  outputs.push_back({decode / "config.pbtxt", triton_decode_config(name, runner)});
  outputs.push_back({decode / "1" / "model.py", triton_decode_script(runner)});
  const fs::path images = name + "_images";
  outputs.push_back({images / "config.pbtxt", triton_ensemble(name, runner)});
  return outputs;
}

}  // namespace

std::vector<fs::path> write_triton_repository(const NamedFile& model, const fs::path& repository,
                                              const SessionOptions& session,
                                              const TritonOptions& options) {
  const Runner runner = load_runner(model.file, session);
  const auto file = complete_file(model.file, session);
  std::vector<fs::path> written{repository / model.name / "1" / "model.onnx"};
  write_below(written.front(), file->bytes(), options.overwrite);
  for (const Output& output : texts(model.name, runner, options)) {
    written.push_back(repository / output.path);
    write_below(written.back(), std::as_bytes(std::span(output.text)), options.overwrite);
  }
  // Triton wants the folder of a version even where nothing is in it.
  if (takes_whole_images(runner)) make_folder(repository / (model.name + "_images") / "1");
  return written;
}

}  // namespace tv2onnx::serve
