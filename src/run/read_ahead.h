#pragma once
// Reading and writing beside the run: the next images are decoded, and the last ones drawn and
// written, while the runtime computes.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tv2onnx/image.h"

namespace tv2onnx {

/// Decodes images in a thread of its own, at most a few ahead of who takes them.
class ReadAhead {
 public:
  /// `files` must outlive the object.
  ReadAhead(const std::vector<std::filesystem::path>& files, const ImageOptions& options);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The image of the next file. \throws whatever reading it threw.
  Tensor next();

 private:
  struct Item {
    Tensor pixels;
    std::exception_ptr problem;
  };
  void read_all();
  bool has_room() const;

  const std::vector<std::filesystem::path>& files_;
  ImageOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  std::size_t bytes_ = 0;  ///< of the pixels in items_
  bool end_ = false;
  std::thread thread_;  // last: it uses all else
};

/// Finishes results beside the caller's next work, and hands them out in their order, in the
/// caller's thread.
template <typename Result>
class InOrder {
 public:
  explicit InOrder(std::function<void(Result)> hand_out) : hand_out_(std::move(hand_out)) {}

  /// \param beside false: there is nothing to do that takes time, so it is done at once
  /// \throws what finishing this or an earlier one threw.
  void add(bool beside, std::function<Result()> finish) {
    const std::launch when = beside ? std::launch::async : std::launch::deferred;
    pending_.push_back(std::async(when, std::move(finish)));
    while (!pending_.empty() && (pending_.size() > kBehind || is_ready())) take();
  }
  /// Waits for all. \throws as add().
  void end() {
    while (!pending_.empty()) take();
  }

 private:
  static constexpr std::size_t kBehind = 2;

  bool is_ready() const {
    return pending_.front().wait_for(std::chrono::seconds(0)) != std::future_status::timeout;
  }
  void take() {
    Result result = pending_.front().get();
    pending_.pop_front();
    hand_out_(std::move(result));
  }

  std::function<void(Result)> hand_out_;
  std::deque<std::future<Result>> pending_;
};

}  // namespace tv2onnx
