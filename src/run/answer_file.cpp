#include "run/answer_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "contract/doubt.h"
#include "run/photo.h"
#include "run/prepare.h"
#include "run/refusals.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// What is done to the pixels that have their size.
Preparation last_step(const Contract& contract) {
  return contract.photo && contract.metadata.photo ? preparation_for(contract.input)
                                                   : trained_preparation_for(contract.input);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// "clips need 13 frames" of a message in which a node clips_need_13_frames failed.
std::string guard_in(std::string_view message) {
  for (std::size_t begin = 0; begin < message.size();) {
    std::size_t end = begin;
    while (end < message.size() && is_word(message[end])) ++end;
    std::string word(message.substr(begin, end - begin));
    const bool sentence =
        word.find("_must_") != std::string::npos || word.find("_need_") != std::string::npos;
    if (sentence) {
      std::ranges::replace(word, '_', ' ');
      return word;
    }
    begin = end + 1;
  }
  return "";
}

bool has_image(const Contract& contract) {
  constexpr std::size_t kClip = 5;
  const std::size_t rank = contract.input.port.shape.size();
  const Layout layout = contract.input.layout;
  if (contract.task == Task::kVideo) return layout == Layout::kFrames && rank == kClip;
  const bool image = layout == Layout::kPlanes || layout == Layout::kPixels;
  return image && (rank == kClip - 1 || rank == kClip - 2);
}

/// Labels and flows are those of the photo's own pixels.
bool answers_whole_photo(const Contract& contract) {
  if (!contract.photo) return true;
  if (contract.task == Task::kSegmentation) return contract.photo->crop.empty();
  if (contract.task != Task::kFlow) return true;
  return contract.photo->crop.empty() && contract.photo->resize.empty();
}

/// They are among those of the file.
bool has_outputs(const Session& session, const AnswerOutputs& answer) {
  std::vector<std::size_t> named = answer.features;
  named.push_back(answer.answer);
  for (const auto& other : {answer.labels, answer.aux}) {
    if (other) named.push_back(*other);
  }
  return std::ranges::all_of(named,
                             [&](std::size_t output) { return output < session.outputs().size(); });
}

}  // namespace

void require_answers(const Session& session, Contract& contract, Task task) {
  if (contract.origin.empty()) contract = read_contract(session);
  require_task(session, contract, task);
  if (!contract.known()) refuse_unknown(session, contract);
}

void require_runnable(const Session& session, const Contract& contract) {
  if (!answers_whole_photo(contract)) {
    Contract unknown = contract;
    doubt(unknown, "photos are cropped, or resized before a flow, which would be of other pixels",
          "export the checkpoint again without --crop-size and --resize-size");
    refuse_unknown(session, unknown);
  }
  const bool says_all = contract.photo && contract.answer.mode;
  if (says_all && has_image(contract) && has_outputs(session, contract.answer)) return;
  Contract unknown = contract;
  doubt(unknown, "nothing says how photos are prepared, or what input and outputs are", kEdited);
  refuse_unknown(session, unknown);
}

Tensor prepared_photos(const Tensor& images, const Contract& contract, const std::string& file) {
  const std::int64_t channels = contract.input.channels();
  const Tensor all = in_channels(contiguous(images), channels);
  require_images(all, channels, file);
  const Tensor bytes = as_bytes(all);
  require_resized_pixels(bytes, *contract.photo, file);
  if (contract.preprocess == Preprocess::kFull) {
    return prepare(bytes, contract.input, preparation_for(contract.input));
  }
  return prepare(resized_and_cropped(bytes, *contract.photo), contract.input, last_step(contract));
}

std::vector<Tensor> run_guarded(const Session& session, const std::vector<Tensor>& inputs) {
  try {
    return session.run(inputs);
  } catch (const Error& error) {
    std::string reason = error.code() == "R003" ? guard_in(error.what()) : "";
    if (reason.empty()) throw;
    throw Error({.code = "R006",
                 .found = fmt::format("an input of {}", shape_text(inputs.front().shape)),
                 .where = {.file = session.file()},
                 .expected = std::move(reason)});
  }
}

void run_images(const Session& session, const Contract& contract, const Tensor& input,
                std::int64_t count, const TakeResults& take) {
  if (count == 0) return;
  require_batch(count, contract, session.file());
  const bool one_by_one = contract.input.batch() == 1;
  for (std::int64_t k = 0; k < (one_by_one ? count : 1); ++k) {
    const std::vector<Tensor> results =
        run_guarded(session, {one_by_one ? images_from(input, k, 1) : input});
    for (std::int64_t j = 0; j < (one_by_one ? 1 : count); ++j) {
      take(results, static_cast<std::size_t>(j));
    }
  }
}

void require_shape(const Tensor& result, const Shape& wanted, const Session& session) {
  const bool fits = std::ranges::equal(
      result.shape, wanted, [](std::int64_t is, std::int64_t be) { return be < 0 || is == be; });
  if (fits) return;
  throw Error({.code = "R007",
               .found = fmt::format("a result of shape {}", shape_text(result.shape)),
               .where = {.file = session.file()},
               .expected = fmt::format("{}, where -1 is any number", shape_text(wanted)),
               .hint = kEdited});
}

}  // namespace tv2onnx
