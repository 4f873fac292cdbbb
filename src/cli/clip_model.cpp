#include "cli/clip_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "cli/classify.h"
#include "run/one_result.h"

namespace tv2onnx::cli {
namespace {

constexpr std::size_t kUsualFrames = 16;

std::size_t length_of(const DetectFlags& options, const VideoClassifier& classifier) {
  if (options.frames > 0) return options.frames;
  return classifier.frames() > 0 ? static_cast<std::size_t>(classifier.frames()) : kUsualFrames;
}

/// uint8 [time, height, width, 3]
Tensor stacked(const std::deque<Frame>& frames) {
  const Tensor& first = frames.front().pixels;
  std::vector<std::uint8_t> pixels;
  pixels.reserve(first.byte_size() * frames.size());
  for (const Frame& frame : frames) {
    const auto bytes = frame.pixels.as<std::uint8_t>();
    pixels.insert(pixels.end(), bytes.begin(), bytes.end());
  }
  return make_tensor({static_cast<std::int64_t>(frames.size()), first.shape[1], first.shape[2], 3},
                     std::move(pixels));
}

class Clipper {
 public:
  Clipper(const DetectFlags& options, bool draw)
      : classifier_(options.model, options.session),
        core_(classify_options(options, classifier_)),
        shown_(options.top.value_or(1)),
        length_(length_of(options, classifier_)),
        draw_(draw) {}

  Finish take(Frame frame) {
    frames_.push_back(std::move(frame));
    return ++fresh_ < length_ ? Finish() : run();
  }
  Finish end() { return fresh_ == 0 ? Finish() : run(); }

 private:
  /// The last frames as a clip; those that no clip had before get a picture.
  Finish run() {
    while (frames_.size() > length_) frames_.pop_front();
    std::vector<ScoredClass> best = std::move(classifier_.run(stacked(frames_)).best);
    best.resize(std::min(best.size(), core_.top));
    FrameAnswer answer = about_frame(frames_.front());
    answer.end = frames_.back().time;
    std::vector<TimedPicture> pictures;
    for (std::size_t k = frames_.size() - fresh_; draw_ && k < frames_.size(); ++k) {
      pictures.push_back({frames_[k].pixels, frames_[k].time});
    }
    fresh_ = 0;
    return [this, count = frames_.size(), answer = std::move(answer), best = std::move(best),
            pictures = std::move(pictures)]() mutable {
      say_classes(best, core_.class_names, shown_, answer);
      answer.json.insert(0, fmt::format("\"frames\":{},", count));
      for (TimedPicture& one : pictures) {
        one.pixels = draw_classes(one.pixels, best, core_.class_names);
      }
      answer.pictures = std::move(pictures);
      return std::move(answer);
    };
  }

  const VideoClassifier classifier_;
  const ClassifyOptions core_;
  std::size_t shown_;
  std::size_t length_;
  bool draw_;
  std::deque<Frame> frames_;  ///< of the last clip, and since
  std::size_t fresh_ = 0;     ///< of them, since
};

}  // namespace

FrameModel clip_model(const DetectFlags& options, bool draw) {
  const auto clipper = std::make_shared<Clipper>(options, draw);
  return {.take = [clipper](Frame frame) { return clipper->take(std::move(frame)); },
          .end = [clipper] { return clipper->end(); }};
}

}  // namespace tv2onnx::cli
