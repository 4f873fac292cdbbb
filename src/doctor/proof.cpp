#include "doctor/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "base/text.h"
#include "doctor/baked_size.h"
#include "doctor/same_results.h"
#include "run/prepare.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify.h"
#include "verify/undecided.h"

namespace tv2onnx::doctor {
namespace {

struct Outcome {
  std::vector<Tensor> outputs;
  std::string failure;  ///< of the runtime; "" if it ran
};

/// What ONNX Runtime says behind the place in its source.
std::string cause_of(const Error& error) {
  const ErrorParts& parts = error.parts();
  const std::string& text = parts.details.empty() ? parts.found : parts.details.back();
  for (const std::string_view before : {"was false. ", "Status Message: "}) {
    const std::size_t at = text.find(before);
    if (at != std::string::npos) return text.substr(at + before.size());
  }
  return text;
}

Outcome run(const Session& session, const Tensor& input) {
  try {
    return {session.run({input}), ""};
  } catch (const Error& error) {
    return {{}, cause_of(error)};
  }
}

std::string text(const Outcome& outcome) {
  if (!outcome.failure.empty()) return "fails: " + printable(outcome.failure, 100);
  const Tensor& first = outcome.outputs.front();
  return fmt::format("{} {}", first.shape.empty() ? 0 : first.shape[0],
                     first.shape.size() == 2 ? "detections" : "rows");
}

/// The image as the file wants it: floats of 0..`highest`, or bytes with channels last, with or
/// without batch dimension. Nullopt: it cannot take this one.
std::optional<Tensor> fitted(const PortInfo& port, const Tensor& images, float highest) {
  const std::size_t rank = port.shape.size();
  const bool bytes = port.dtype == DType::kUInt8;
  if ((port.dtype != DType::kFloat32 && !bytes) || (rank != 4 && rank != 3)) return std::nullopt;
  if (rank == 3 && images.shape[0] != 1) return std::nullopt;
  DetectorContract contract;
  if (bytes) contract.input = DetectorContract::Input::kUint8;
  Tensor input = prepare(images, contract);
  if (!bytes && highest != 1) {
    std::vector<float> values = to_float(input);
    for (float& value : values) value = std::round(value * highest);
    input = make_tensor(input.shape, std::move(values));
  }
  if (rank == 3) input.shape.erase(input.shape.begin());
  for (std::size_t k = 0; k < rank; ++k) {
    if (port.shape[k] >= 0 && port.shape[k] != input.shape[k]) return std::nullopt;
  }
  return input;
}

/// The size of images that a file takes, if it takes only one.
std::optional<ImageSize> only_size(const PortInfo& port) {
  const std::size_t planes = port.dtype == DType::kUInt8 ? 0 : 1;  // bytes have channels last
  const std::size_t first = port.shape.size() == 4 ? 1 + planes : planes;
  if (port.shape.size() > first + 1 && port.shape[first] > 0 && port.shape[first + 1] > 0) {
    return ImageSize{port.shape[first], port.shape[first + 1]};
  }
  return std::nullopt;
}

/// The inputs: small scenes of several sizes, also of the one that the original was traced with,
/// or of the only one that the repaired file takes.
std::vector<InputCase> inputs_for(const PortInfo& port, const std::optional<ImageSize>& traced) {
  CaseOptions options{.quick = true, .size = only_size(port), .photos = {}};
  std::vector<InputCase> inputs = standard_cases(options);
  if (!options.size && traced) {
    options.size = traced;
    std::ranges::move(standard_cases(options), std::back_inserter(inputs));
  }
  return inputs;
}

ImageSize size_of(const Tensor& images) {
  return {images.shape[1], images.shape[2]};
}

/// Which results of the original are wrong and meant to change.
class Corrections {
 public:
  Corrections(const std::filesystem::path& original, const std::set<std::string>& repaired,
              std::optional<TorchvisionVersion> torchvision)
      : model_(read_onnx_model(original)), context_(model_, torchvision), repaired_(repaired) {}

  bool concern(const ImageSize& size) const {
    return std::ranges::any_of(rules(), [&](const Rule& rule) {
      return rule.corrects != nullptr && repaired_.contains(std::string(rule.code)) &&
             rule.corrects(context_, size);
    });
  }
  std::optional<ImageSize> traced_size() const {
    const std::optional<BakedSize> baked = find_baked_size(context_);
    return baked ? std::optional(baked->size) : std::nullopt;
  }

 private:
  OnnxModel model_;
  RuleContext context_;
  const std::set<std::string>& repaired_;
};

[[noreturn]] void does_not_hold(const std::string& input, std::string found) {
  throw Error({.code = "D102",
               .found = std::move(found),
               .where = {.item = fmt::format("input {}", input)}});
}

}  // namespace

std::vector<ProofRow> prove(const std::filesystem::path& original,
                            const std::filesystem::path& mended,
                            const std::set<std::string>& repaired, const FixOptions& options) {
  constexpr float kBytes = 255;
  const float highest = options.input == InputMode::kFloat ? 1 : kBytes;
  const Corrections corrections(original, repaired, options.torchvision);
  const Session before(original, {});
  const Session after(mended, {});
  std::vector<ProofRow> rows;
  for (const InputCase& each : inputs_for(after.inputs().at(0), corrections.traced_size())) {
    if (each.input.dtype != DType::kUInt8) continue;
    const std::optional<Tensor> old_input = fitted(before.inputs().at(0), each.input, 1);
    const std::optional<Tensor> input = fitted(after.inputs().at(0), each.input, highest);
    if (!input) continue;
    const Outcome was = old_input ? run(before, *old_input) : Outcome{{}, "cannot take this size"};
    const Outcome is = run(after, *input);
    ProofRow row{each.name, text(was), text(is), ""};
    if (!is.failure.empty() && was.failure.empty()) does_not_hold(each.name, is.failure);
    if (!is.failure.empty()) {
      row.verdict = "fails as before";
    } else if (!was.failure.empty()) {
      row.verdict = "fixed";
    } else if (same_results(was.outputs, is.outputs)) {
      row.verdict = "same";
    } else if (is_one_colour(each.input, 0) && same_but_for_ties(was.outputs, is.outputs)) {
      row.verdict = "same scores, which tie";
    } else {
      if (!corrections.concern(size_of(each.input))) {
        does_not_hold(each.name, "the results are not those of the original");
      }
      row.verdict = "differs as intended";
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tv2onnx::doctor
