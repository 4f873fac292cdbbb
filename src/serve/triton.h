#pragma once
// A model repository for NVIDIA Triton.

#include <filesystem>
#include <string>
#include <vector>

#include "serve/model.h"

namespace tv2onnx::serve {

struct TritonOptions {
  int max_batch = 8;
  int wait_us = 2000;  ///< how long a request may wait for others
  bool overwrite = false;
};

/// config.pbtxt of the model. Batches are Triton's to make where the first dimension of every input
/// and output is that of the images; else max_batch_size is 0.
std::string triton_config(const std::string& name, const Runner& runner,
                          const TritonOptions& options);

/// config.pbtxt of NAME_images, an ensemble: NAME_decode makes of one encoded image what the model
/// takes.
std::string triton_ensemble(const std::string& name, const Runner& runner);
/// config.pbtxt and model.py of NAME_decode.
std::string triton_decode_config(const std::string& name, const Runner& runner);
std::string triton_decode_script(const Runner& runner);

/// Whether NAME_images can be made: the model takes one image as it is, of any size.
bool takes_whole_images(const Runner& runner);

/// Writes all that under `repository`, and returns what was written. \throws Error as load_runner;
/// O003, O004; R008: the file's weights lie in other files.
std::vector<std::filesystem::path> write_triton_repository(const NamedFile& model,
                                                           const std::filesystem::path& repository,
                                                           const SessionOptions& session,
                                                           const TritonOptions& options);

}  // namespace tv2onnx::serve
