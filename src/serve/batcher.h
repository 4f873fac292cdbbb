#pragma once
// The queue before a model. One thread runs the model, so requests never compete for processors;
// images of one size that wait together run together.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "tv2onnx/classifier.h"
#include "tv2onnx/detection.h"
#include "tv2onnx/segmenter.h"

namespace tv2onnx::serve {

/// What a run gives for one image; of a call its outputs.
using Found = std::variant<Detections, Classification, LabelMap, std::vector<Tensor>>;

/// What a run cost, of each of its jobs.
struct JobTimes {
  std::chrono::nanoseconds queued{0};
  std::chrono::nanoseconds run{0};
  std::size_t together = 1;  ///< jobs of the run
};

struct Finished {
  Found found;
  JobTimes times;
};

struct BatchOptions {
  std::size_t most = 4;                  ///< images that run at once
  std::chrono::microseconds wait{2000};  ///< at most, for images that are still being decoded
};

class Batcher {
 public:
  /// Runs uint8 [n, height, width, 3]: one result for each image.
  using RunImages = std::function<std::vector<Found>(const Tensor& images)>;

  Batcher(const BatchOptions& options, RunImages run);
  ~Batcher();  ///< answers what waits
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// An image, uint8 [1, height, width, 3], which `decode` gives: it is called here, and the thread
  /// waits a little for images that are being decoded. Returns when the run is done.
  /// \throws what `decode` and the run throw.
  Finished run(const std::function<Tensor()>& decode);
  /// Something else that the thread does alone.
  Finished call(std::function<std::vector<Tensor>()> task);

  std::size_t waiting() const;  ///< in the queue
  std::uint64_t runs() const { return runs_; }

 private:
  struct Job {
    Tensor image;
    std::function<std::vector<Tensor>()> task;  ///< instead of an image
    std::promise<Finished> promise;
    std::chrono::steady_clock::time_point since;
  };
  using Jobs = std::vector<std::unique_ptr<Job>>;

  std::future<Finished> add(std::unique_ptr<Job> job);
  void work();
  Jobs next_jobs();
  std::size_t share_with(const Jobs& jobs) const;
  void collect_like(Jobs& jobs);
  void answer(Jobs jobs);
  void answer_together(Jobs& jobs);

  BatchOptions options_;
  RunImages run_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::size_t coming_ = 0;  ///< images that are being decoded
  std::atomic<std::uint64_t> runs_{0};
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tv2onnx::serve
