// Times ONNX files that take the same input, alternately in one process:
//
//   alternate THREADS RUNS SHAPE[,SHAPE...] FILE.onnx FILE.onnx...
//
// A shape is 1x3x224x224; inputs get the same random numbers, bytes 0..255 or floats -1..1. Prints
// one line of JSON: for each file the milliseconds of making a session and of a run (medians), how
// many times as long as the first file's the run beside it takes (median), and the largest
// difference of its first output from the first file's, by its standard deviation. With one thread
// times are those of the processor, which other programs hardly change.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

double median(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  return numbers[numbers.size() / 2];
}

/// The numbers between separators.
std::vector<std::string> parts(const std::string& text, char separator) {
  std::vector<std::string> list{""};
  for (const char c : text) {
    if (c == separator) {
      list.emplace_back();
    } else {
      list.back() += c;
    }
  }
  return list;
}

Tensor random_tensor(const std::string& shape_text, DType dtype) {
  Shape shape;
  for (const std::string& side : parts(shape_text, 'x')) shape.push_back(std::stoll(side));
  std::mt19937 random(1);
  if (dtype == DType::kUInt8) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(element_count(shape)));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return make_tensor(shape, std::move(bytes));
  }
  std::uniform_real_distribution<float> numbers(-1, 1);
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (auto& value : values) value = numbers(random);
  return make_tensor(shape, std::move(values));
}

std::vector<Tensor> inputs_of(const Session& session, const std::string& shapes) {
  std::vector<Tensor> inputs;
  const std::vector<std::string> texts = parts(shapes, ',');
  for (std::size_t k = 0; k < session.inputs().size(); ++k) {
    inputs.push_back(
        random_tensor(texts[std::min(k, texts.size() - 1)], session.inputs()[k].dtype));
  }
  return inputs;
}

/// By the standard deviation of `wanted`.
double difference(const Tensor& found, const Tensor& wanted) {
  const std::vector<float> a = to_float(found);
  const std::vector<float> b = to_float(wanted);
  if (a.size() != b.size()) return std::nan("");
  double most = 0, sum = 0, squares = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    most = std::max(most, static_cast<double>(std::abs(a[k] - b[k])));
    sum += b[k];
    squares += static_cast<double>(b[k]) * b[k];
  }
  const double mean = sum / static_cast<double>(b.size());
  return most / std::sqrt(squares / static_cast<double>(b.size()) - mean * mean);
}

class Timer {
 public:
  explicit Timer(int threads) : of_processor_(threads == 1) {}
  double milliseconds() const {
    constexpr double kTicks = CLOCKS_PER_SEC / 1000.0;
    return of_processor_ ? static_cast<double>(std::clock() - start_) / kTicks
                         : watch_.milliseconds();
  }

 private:
  bool of_processor_;
  Stopwatch watch_;
  std::clock_t start_ = std::clock();
};

/// Of runs side by side.
double paired_ratio(const std::vector<double>& runs, const std::vector<double>& others) {
  std::vector<double> ratios;
  for (std::size_t k = 0; k < runs.size(); ++k) ratios.push_back(runs[k] / others[k]);
  return median(ratios);
}

struct Candidate {
  Session session;
  std::vector<Tensor> inputs;
  Tensor first;
  std::vector<double> creations{};
  std::vector<double> runs{};
};

void compare(int threads, int runs, const std::string& shapes,
             const std::vector<std::string>& files) {
  SessionOptions options;
  options.threads = threads;
  std::vector<Candidate> candidates;
  for (const std::string& file : files) {
    Session session(file, options);
    std::vector<Tensor> inputs = inputs_of(session, shapes);
    Tensor first = session.run(inputs)[0];
    candidates.push_back({std::move(session), std::move(inputs), std::move(first)});
  }
  for (int k = 0; k < std::clamp(runs / 5, 3, 7); ++k) {
    for (std::size_t f = 0; f < files.size(); ++f) {
      const Timer timer(threads);
      Session(files[f], options);
      candidates[f].creations.push_back(timer.milliseconds());
    }
  }
  for (int run = 0; run < runs; ++run) {
    for (Candidate& one : candidates) {
      const Timer timer(threads);
      one.session.run(one.inputs);
      one.runs.push_back(timer.milliseconds());
    }
  }
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t f = 0; f < files.size(); ++f) {
    const Candidate& one = candidates[f];
    rows.push_back({{"file", files[f]},
                    {"create_ms", median(one.creations)},
                    {"run_ms", median(one.runs)},
                    {"fastest_ms", std::ranges::min(one.runs)},
                    {"paired", paired_ratio(one.runs, candidates[0].runs)},
                    {"difference", difference(one.first, candidates[0].first)}});
  }
  fmt::print("{}\n", rows.dump());
}

}  // namespace
}  // namespace tv2onnx

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 4) {
    fmt::print(stderr, "alternate THREADS RUNS SHAPE[,SHAPE...] FILE.onnx...\n");
    return 2;
  }
  try {
    tv2onnx::compare(std::stoi(words[0]), std::stoi(words[1]), words[2],
                     {words.begin() + 3, words.end()});
  } catch (const tv2onnx::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
