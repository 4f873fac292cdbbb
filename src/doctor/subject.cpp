#include "doctor/subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tv2onnx/error.h"

namespace tv2onnx::doctor {

Subject::Subject(const std::filesystem::path& path, std::optional<InputContract> contract)
    : session_(path, {}), contract_(std::move(contract)) {
  if (session_.inputs().size() != 1 || !contract_) {
    throw Error({.code = "R007",
                 .found = fmt::format("{} inputs, or the first is no image of three channels",
                                      session_.inputs().size()),
                 .where = {.file = path.string()},
                 .expected = "one input [batch, 3, height, width] or [batch, height, width, 3]"});
  }
  try {
    outputs_ = detector_contract(session_);
  } catch (const Error& error) {
    if (error.code() != "R007") throw;
  }
}

std::optional<ImageSize> Subject::fixed_size() const {
  const bool planes = contract_->channel_axis + 3 == port().shape.size();
  const std::size_t height = planes ? contract_->channel_axis + 1 : contract_->channel_axis - 2;
  const ImageSize size{port().shape[height], port().shape[height + 1]};
  return size[0] > 0 && size[1] > 0 ? std::optional(size) : std::nullopt;
}

Answer Subject::run(const Tensor& images, const Preparation& preparation) const {
  const Tensor input = prepared(images, port(), contract_->channel_axis, preparation);
  try {
    return {session_.run({input}), ""};
  } catch (const Error& error) {
    const auto& parts = error.parts();
    return {{}, fmt::format("{}\n{}", parts.found, fmt::join(parts.details, "\n"))};
  }
}

std::vector<float> Subject::scores(const Answer& answer) const {
  if (!outputs_ || !answer.failure.empty()) return {};
  std::vector<float> scores = to_float(answer.outputs[outputs_->scores]);
  std::erase(scores, 0.0F);  // unused rows
  return scores;
}

std::vector<float> Subject::boxes(const Answer& answer) const {
  if (!outputs_ || !answer.failure.empty()) return {};
  return to_float(answer.outputs[outputs_->boxes]);
}

}  // namespace tv2onnx::doctor
