#pragma once
/// \file
/// How long a run of a file takes, alone or beside another file.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

struct BenchOptions {
  std::optional<std::filesystem::path> other = {};  ///< runs alternate with those of this file
  /// Empty: the only one that a file takes, else the first of `usual_sizes`, of detectors all.
  std::vector<ImageSize> sizes = {};
  std::vector<ImageSize> usual_sizes{{480, 640}, {800, 1066}};
  std::vector<int> threads{1};  ///< of ONNX Runtime
  int runs = 10;
  int warm_up = 1;              ///< runs before that do not count
  std::vector<int> batches{1};  ///< how many times the image, or a pair of it, is given in one run
  bool profile = false;         ///< fills BenchReport::operators
  std::string runtime = {};     ///< as SessionOptions::library
  bool spinning = true;         ///< as SessionOptions::spinning
  /// Makes the image of a size, uint8 [1, height, width, 3].
  std::function<Tensor(const ImageSize&)> image;
  CallControl control = {};
};

/// Times of one file at one size.
struct BenchTiming {
  double median_ms = 0;
  double fastest_ms = 0;
  double p90_ms = 0;  ///< nine of ten runs take no longer
  double p99_ms = 0;
  std::optional<std::size_t> detections = {};  ///< in one image, of a detector
};

struct BenchRow {
  int threads = 0;
  ImageSize size{};
  int batch = 1;
  std::vector<BenchTiming> timings;  ///< in the order of BenchReport::files

  /// How many times faster the first file is than the second.
  double ratio() const;
  /// Images, pairs or clips in a second, by the median.
  double throughput(std::size_t file) const { return 1000.0 * batch / timings[file].median_ms; }
};

/// Time of all nodes of an operator in one run, and how many they are.
struct BenchOperator {
  std::string op;  ///< as the runtime computes it: "QLinearConv"
  std::size_t nodes = 0;
  double ms = 0;
};

struct BenchReport {
  std::vector<std::string> files;  ///< the model, then the other file if there is one
  std::string runtime;             ///< version
  double load = 0;                 ///< processes that were running before, on average of a minute
  unsigned cores = 0;
  std::vector<BenchRow> rows;
  /// Of the first file in the first row's setting, what takes longest first.
  std::vector<BenchOperator> operators;

  /// "a.onnx is 1.50 times as fast as b.onnx"; "" for one file.
  std::string conclusion() const;
  /// "ONNX Runtime 1.17.1; 16 cores, load 0.4"
  std::string machine() const;
};

std::string to_json(const BenchReport& report);

/// The operators' times as bars; those beyond the twentieth together.
std::string operators_svg(const BenchReport& report);

/// Files of any task. A clip is the image 16 times, or as often as the file says.
/// \throws Error as Detector; R003, R006 (a file that does not take a size); X003.
BenchReport bench(const std::filesystem::path& model, const BenchOptions& options);

}  // namespace TV2ONNX_API tv2onnx
