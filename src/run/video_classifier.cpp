#include "tv2onnx/video_classifier.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "run/answer_file.h"
#include "run/class_scores.h"
#include "run/open_session.h"
#include "run/photo.h"
#include "run/prepare.h"
#include "run/refusals.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

void require_frames(std::int64_t found, const Contract& contract, const std::string& file) {
  const std::int64_t wanted = contract.input.frames();
  const std::vector<std::int64_t>& smallest = contract.metadata.smallest;
  const std::int64_t least = smallest.size() == 3 ? smallest.front() : 1;
  if (wanted < 0 ? found >= least : found == wanted) return;
  throw Error(
      {.code = "R006",
       .found = fmt::format("a clip of {}", counted(static_cast<std::size_t>(found), "frame")),
       .where = {.file = file},
       .expected =
           wanted < 0
               ? fmt::format("at least {}", counted(static_cast<std::size_t>(least), "frame"))
               : fmt::format("{} frames, the only number that the file takes", wanted)});
}

/// Files of MViT take one size. Its metadata may say that frames are cropped to another one.
void require_frame_size(const ImageSize& found, const ImageInput& input, const std::string& file) {
  const std::optional<ImageSize> only = input.only_size();
  if (!only || *only == found) return;
  throw Error(
      {.code = "R006",
       .found = fmt::format("frames of {}x{} after resizing and cropping", found[0], found[1]),
       .where = {.file = file},
       .expected = fmt::format("{}x{}, the only size that the file takes", (*only)[0], (*only)[1]),
       .hint =
           fmt::format("export the checkpoint with --crop-size {},{}", (*only)[0], (*only)[1])});
}

/// [time, channels, height, width] as [1, channels, time, height, width].
Tensor channels_first(const Tensor& frames) {
  const Shape& shape = frames.shape;
  const auto [time, channels] = std::pair(shape[0], shape[1]);
  const std::size_t plane = frames.byte_size() / static_cast<std::size_t>(time * channels);
  auto bytes = std::make_shared<std::vector<std::byte>>(frames.byte_size());
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t t = 0; t < time; ++t) {
      std::memcpy(bytes->data() + static_cast<std::size_t>(c * time + t) * plane,
                  frames.data + static_cast<std::size_t>(t * channels + c) * plane, plane);
    }
  }
  return {frames.dtype, {1, channels, time, shape[2], shape[3]}, {}, bytes->data(), bytes};
}

/// What the file takes, of one frame.
ImageInput frame_input(ImageInput input) {
  input.layout = Layout::kPlanes;
  input.port.shape.erase(input.port.shape.end() - 3);
  return input;
}

}  // namespace

VideoClassifier::VideoClassifier(const std::filesystem::path& model, const SessionOptions& options)
    : VideoClassifier(open_session(model, options), {}) {}

VideoClassifier::VideoClassifier(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  require_answers(session_, contract_, Task::kVideo);
  require_runnable(session_, contract_);
}

std::string VideoClassifier::name(std::int64_t label) const {
  return class_name(contract_.class_names, label);
}

Tensor VideoClassifier::session_input(const Tensor& frames) const {
  require_images(frames, contract_.input.channels(), session_.file());
  require_frames(frames.shape[0], contract_, session_.file());
  Contract of_frame = contract_;
  of_frame.input = frame_input(contract_.input);
  const Tensor prepared = prepared_photos(frames, of_frame, session_.file());
  require_frame_size({prepared.shape[2], prepared.shape[3]}, contract_.input, session_.file());
  return channels_first(prepared);
}

Classification VideoClassifier::run(const Tensor& frames) const {
  const std::vector<Tensor> results = run_guarded(session_, {session_input(frames)});
  require_shape(results[contract_.answer.answer], {1, -1}, session_);
  return classification_of(results, contract_.answer, 0);
}

}  // namespace tv2onnx
