#include "run/read_ahead.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kMostImages = 4;
constexpr std::size_t kMostBytes = std::size_t{128} << 20U;

}  // namespace

ReadAhead::ReadAhead(const std::vector<std::filesystem::path>& files, const ImageOptions& options)
    : files_(files), options_(options), thread_([this] { read_all(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool ReadAhead::has_room() const {
  return items_.empty() || (items_.size() < kMostImages && bytes_ < kMostBytes);
}

void ReadAhead::read_all() {
  for (const std::filesystem::path& file : files_) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return end_ || has_room(); });
      if (end_) return;
    }
    Item item;
    try {
      item.pixels = read_image(file, options_);
    } catch (...) {
      item.problem = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    bytes_ += item.pixels.byte_size();
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
}

Tensor ReadAhead::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !items_.empty(); });
  Item item = std::move(items_.front());
  items_.pop_front();
  bytes_ -= item.pixels.byte_size();
  changed_.notify_all();
  if (item.problem != nullptr) std::rethrow_exception(item.problem);
  return std::move(item.pixels);
}

}  // namespace tv2onnx
