#include "serve/batcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <span>
#include <utility>

#include "tv2onnx/error.h"

namespace tv2onnx::serve {
namespace {

using Clock = std::chrono::steady_clock;

/// Images of one size behind each other; one alone is not copied.
Tensor stacked(std::span<const Tensor> images) {
  if (images.size() == 1) return images.front();
  auto bytes = std::make_shared<std::vector<std::byte>>();
  bytes->reserve(images.size() * images.front().byte_size());
  for (const Tensor& image : images) {
    bytes->insert(bytes->end(), image.data, image.data + image.byte_size());
  }
  Shape shape = images.front().shape;
  shape[0] = static_cast<std::int64_t>(images.size());
  const std::byte* data = bytes->data();
  return {images.front().dtype, shape, {}, data, std::move(bytes)};
}

}  // namespace

Batcher::Batcher(const BatchOptions& options, RunImages run)
    : options_(options), run_(std::move(run)), thread_([this] { work(); }) {}

Batcher::~Batcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Finished Batcher::run(const std::function<Tensor()>& decode) {
  {
    const std::lock_guard lock(mutex_);
    ++coming_;
  }
  const auto arrived = [this] {
    {
      const std::lock_guard lock(mutex_);
      --coming_;
    }
    changed_.notify_all();
  };
  auto job = std::make_unique<Job>();
  try {
    job->image = decode();
  } catch (...) {
    arrived();
    throw;
  }
  std::future<Finished> finished = add(std::move(job));
  arrived();
  return finished.get();
}

Finished Batcher::call(std::function<std::vector<Tensor>()> task) {
  auto job = std::make_unique<Job>();
  job->task = std::move(task);
  return add(std::move(job)).get();
}

std::size_t Batcher::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

std::future<Finished> Batcher::add(std::unique_ptr<Job> job) {
  std::future<Finished> finished = job->promise.get_future();
  job->since = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  changed_.notify_all();
  return finished;
}

void Batcher::work() {
  for (Jobs jobs = next_jobs(); !jobs.empty(); jobs = next_jobs()) answer(std::move(jobs));
}

/// The longest waiting job and those that can run with it; none at the end.
Batcher::Jobs Batcher::next_jobs() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  Jobs jobs;
  if (queue_.empty()) return jobs;
  jobs.push_back(std::move(queue_.front()));
  queue_.pop_front();
  if (jobs.front()->task) return jobs;
  const auto end = jobs.front()->since + options_.wait;
  collect_like(jobs);
  while (jobs.size() < share_with(jobs) && coming_ > 0 && !ending_) {
    if (changed_.wait_until(lock, end) == std::cv_status::timeout) break;
    collect_like(jobs);
  }
  return jobs;
}

/// How many run at once: half of those that are there, so that one half is answered, and its
/// clients' next images are decoded, while the other half runs.
std::size_t Batcher::share_with(const Jobs& jobs) const {
  return std::min(options_.most, (jobs.size() + queue_.size() + coming_ + 1) / 2);
}

/// Takes images of the first one's size out of the queue, as many as may run at once.
void Batcher::collect_like(Jobs& jobs) {
  const std::size_t most = share_with(jobs);
  const Shape& shape = jobs.front()->image.shape;
  for (auto at = queue_.begin(); at != queue_.end() && jobs.size() < most;) {
    if (!(*at)->task && (*at)->image.shape == shape) {
      jobs.push_back(std::move(*at));
      at = queue_.erase(at);
    } else {
      ++at;
    }
  }
}

void Batcher::answer_together(Jobs& jobs) {
  const auto start = Clock::now();
  std::vector<Found> all;
  if (jobs.front()->task) {
    all.emplace_back(jobs.front()->task());
  } else {
    std::vector<Tensor> images;
    for (const auto& job : jobs) images.push_back(job->image);
    all = run_(stacked(images));
  }
  if (all.size() != jobs.size()) {
    throw Error({.code = "X001",
                 .found = fmt::format("{} results for {} images", all.size(), jobs.size())});
  }
  ++runs_;
  const auto run = Clock::now() - start;
  for (std::size_t k = 0; k < jobs.size(); ++k) {
    const JobTimes times{start - jobs[k]->since, run, jobs.size()};
    jobs[k]->promise.set_value({std::move(all[k]), times});
  }
}

/// What fails together is tried one by one, so that a request's failure is its own.
void Batcher::answer(Jobs jobs) {
  try {
    answer_together(jobs);
  } catch (...) {
    if (jobs.size() == 1) {
      jobs.front()->promise.set_exception(std::current_exception());
      return;
    }
    for (auto& job : jobs) {
      Jobs one;
      one.push_back(std::move(job));
      answer(std::move(one));
    }
  }
}

}  // namespace tv2onnx::serve
