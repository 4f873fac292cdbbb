#pragma once
// A model that is served: the runner of its file, its queue, its figures.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "run/runner.h"
#include "serve/batcher.h"
#include "serve/metrics.h"
#include "serve/protocol.h"
#include "tv2onnx/error.h"

namespace tv2onnx::serve {

/// A file to serve and what clients call it.
struct NamedFile {
  std::string name;
  std::filesystem::path file;
};

/// "pets" of `pets.onnx`, or what stands before = in `pets=models/v3.onnx`.
/// \throws Error U002: a name with other characters than letters, digits, '_', '-' and '.'; two of
/// one name.
std::vector<NamedFile> named_files(const std::vector<std::string>& words);

/// One result for each image. \throws Error R007: the model is not one of single images.
std::vector<Found> run_images(const Runner& runner, const Tensor& images);

/// A model that could be loaded.
class ServedModel {
 public:
  ServedModel(std::string name, Runner runner, const BatchOptions& batch);

  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;

  const std::string& name() const { return name_; }
  const Runner& runner() const { return runner_; }
  Batcher& batcher() { return *batcher_; }
  ModelCounts& counts() { return *counts_; }
  ModelMetrics metrics() const;

 private:
  std::string name_;
  Runner runner_;
  std::unique_ptr<ModelCounts> counts_;
  std::unique_ptr<Batcher> batcher_;  // ends first: it uses the runner
};

/// A model as clients see it.
struct Entry {
  std::string name;
  std::unique_ptr<ServedModel> model;  ///< null: it could not be loaded
  std::string problem = {};            ///< why
};

/// Adds what one of its requests cost.
void count_run(ModelCounts& counts, const JobTimes& times);

/// What is wrong, on one line and without paths of this machine: "[I001] no image; expected ...".
std::string reason_of(const Error& error);
/// The status of HTTP that says whose fault an error is.
int status_of(const Error& error);

}  // namespace tv2onnx::serve
