#include "doctor/proof.h"

#include <fmt/format.h>

#include <algorithm>
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

/// The image as the file wants it: floats of 0..1 or of 0..255, or bytes, with or without batch
/// dimension. Nullopt: it cannot take this one.
std::optional<Tensor> fitted(const ImageInput& input, const Tensor& images, bool divided) {
  const Shape& shape = input.port.shape;
  const bool numbers = input.port.dtype == DType::kFloat32 || input.bytes();
  if (input.layout == Layout::kUnknown || !numbers) return std::nullopt;
  if (shape.size() == 3 && images.shape[0] != 1) return std::nullopt;
  Tensor x = prepare(images, input, {.name = "", .divided = divided});
  for (std::size_t k = 0; k < shape.size(); ++k) {
    if (shape[k] >= 0 && shape[k] != x.shape[k]) return std::nullopt;
  }
  return x;
}

/// The inputs: small scenes of several sizes, also of the one that the original was traced with,
/// or of the only one that the repaired file takes.
std::vector<InputCase> inputs_for(const ImageInput& input, const std::optional<ImageSize>& traced) {
  CaseOptions options{.quick = true, .size = input.only_size(), .photos = {}};
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
  Corrections(OnnxModel& original, const std::set<ErrorCode>& repaired,
              std::optional<TorchvisionVersion> torchvision)
      : context_(original, torchvision), repaired_(repaired) {}

  bool concern(const ImageSize& size) const {
    return std::ranges::any_of(rules(), [&](const Rule& rule) {
      return rule.corrects != nullptr && repaired_.contains(rule.code) &&
             rule.corrects(context_, size);
    });
  }
  std::optional<ImageSize> traced_size() const {
    const std::optional<BakedSize> baked = find_baked_size(context_);
    return baked ? std::optional(baked->size) : std::nullopt;
  }

 private:
  RuleContext context_;
  const std::set<ErrorCode>& repaired_;
};

/// Gives the graph nested graphs of its own.
void unshare(OnnxGraph& graph) {
  for (OnnxNode& node : graph.nodes) {
    for (OnnxAttribute& attribute : node.attributes) {
      for (std::shared_ptr<OnnxGraph>& nested : attribute.graphs) {
        nested = std::make_shared<OnnxGraph>(*nested);
        unshare(*nested);
      }
    }
  }
}

[[noreturn]] void does_not_hold(const std::string& input, std::string found) {
  throw Error({.code = "D102",
               .found = std::move(found),
               .where = {.item = fmt::format("input {}", input)}});
}

}  // namespace

OnnxModel copy_of(const OnnxModel& model) {
  OnnxModel copy = model;
  unshare(copy.graph);
  return copy;
}

std::vector<ProofRow> prove(const Original& original, const std::filesystem::path& mended,
                            const std::set<ErrorCode>& repaired, const FixOptions& options) {
  const Corrections corrections(original.model, repaired, options.torchvision);
  const Session before(original.file, {});
  const Session after(mended, {});
  const ImageInput taken = read_contract(before).input;
  const ImageInput takes = read_contract(after).input;
  std::vector<ProofRow> rows;
  for (const InputCase& each : inputs_for(takes, corrections.traced_size())) {
    if (each.input.dtype != DType::kUInt8) continue;
    const std::optional<Tensor> old_input = fitted(taken, each.input, true);
    const std::optional<Tensor> input =
        fitted(takes, each.input, options.input == InputMode::kFloat);
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
