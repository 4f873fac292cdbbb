#include "tv2onnx/flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/tensor_check.h"
#include "run/answer_file.h"
#include "run/open_session.h"
#include "run/prepare.h"
#include "run/refusals.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

std::string size_of(const Extent& extent) {
  return fmt::format("{}x{}", extent.height, extent.width);
}

/// What is no image is not looked at here.
void require_pair(const Tensor& first, const Tensor& second, const std::string& file) {
  constexpr std::size_t kRank = 4;
  if (first.shape.size() != kRank || second.shape.size() != kRank) return;
  const Extent one = extent_of(first);
  const Extent other = extent_of(second);
  if (one.height != other.height || one.width != other.width) {
    throw Error({.code = "R006",
                 .found = fmt::format("images of {} and of {} (height x width)", size_of(one),
                                      size_of(other)),
                 .where = {.file = file},
                 .expected = "two images of one size"});
  }
  if (one.batch != other.batch) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} first and {} second images", one.batch, other.batch),
                 .where = {.file = file},
                 .expected = "as many of each"});
  }
}

}  // namespace

Flow::Flow(const std::filesystem::path& model, const SessionOptions& options)
    : Flow(open_session(model, options), {}) {}

Flow::Flow(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  require_answers(session_, contract_, Task::kFlow);
  require_runnable(session_, contract_);
}

Tensor Flow::session_input(const Tensor& images) const {
  return prepared_photos(images, contract_, session_.file());
}

Tensor Flow::run(const Tensor& first, const Tensor& second) const {
  require_pair(first, second, session_.file());
  const std::vector<Tensor> inputs{session_input(first), session_input(second)};
  const Extent extent = extent_of(first);
  const Tensor flow = run_guarded(session_, inputs)[contract_.answer.answer];
  require_shape(flow, {extent.batch, 2, extent.height, extent.width}, session_);
  return flow.dtype == DType::kFloat32 ? flow : make_tensor(flow.shape, to_float(flow));
}

std::vector<std::byte> encode_flo(const Tensor& flow) {
  require_readable(flow);
  const bool fits = flow.dtype == DType::kFloat32 && flow.shape.size() == 4 && flow.shape[0] == 1 &&
                    flow.shape[1] == 2;
  if (!fits) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("a tensor {} {}", dtype_name(flow.dtype), shape_text(flow.shape)),
         .expected = "a flow: float32 [1,2,height,width]"});
  }
  const std::vector<float> numbers = to_float(flow);
  const std::size_t area = numbers.size() / 2;
  std::vector<float> pairs(numbers.size());
  for (std::size_t k = 0; k < area; ++k) {
    pairs[2 * k] = numbers[k];
    pairs[2 * k + 1] = numbers[area + k];
  }
  constexpr std::string_view kMagic = "PIEH";
  std::vector<std::byte> file;
  const auto add = [&file](const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(data);
    file.insert(file.end(), bytes, bytes + size);
  };
  add(kMagic.data(), kMagic.size());
  for (const std::int64_t side : {flow.shape[3], flow.shape[2]}) {
    const auto number = static_cast<std::int32_t>(side);
    add(&number, sizeof number);
  }
  add(pairs.data(), pairs.size() * sizeof(float));
  return file;
}

}  // namespace tv2onnx
