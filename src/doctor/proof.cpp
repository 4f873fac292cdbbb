#include "doctor/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/text.h"
#include "doctor/agreement.h"
#include "doctor/baked_size.h"
#include "doctor/rebuild/network_equality.h"
#include "run/prepare.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {
namespace {

struct Outcome {
  std::vector<Tensor> outputs;
  std::string failure;  ///< of the runtime, behind the place in its source; "" if it ran
  std::string message;  ///< the same, whole
};

/// What ONNX Runtime says behind the place in its source.
std::string cause_of(const std::string& text) {
  for (const std::string_view before : {"was false. ", "Status Message: "}) {
    const std::size_t at = text.find(before);
    if (at != std::string::npos) return text.substr(at + before.size());
  }
  return text;
}

Outcome run(const Session& session, const Tensor& input) {
  try {
    return {session.run({input}), "", ""};
  } catch (const Error& error) {
    const ErrorParts& parts = error.parts();
    const std::string& message = parts.details.empty() ? parts.found : parts.details.back();
    return {{}, cause_of(message), message};
  }
}

std::string text(const Outcome& outcome) {
  if (!outcome.failure.empty()) return "fails: " + printable(outcome.failure, 100);
  const Tensor& first = outcome.outputs.front();
  const bool scores = outcome.outputs.size() == 1 && first.shape.size() == 2;
  return fmt::format("{} {}", first.shape.empty() ? 0 : first.shape[0],
                     scores                    ? "images"
                     : first.shape.size() == 2 ? "detections"
                                               : "rows");
}

/// The image as the file wants it: floats of 0..1 or of 0..255, or bytes, with or without batch
/// dimension. Nullopt: it cannot take this one.
std::optional<Tensor> fitted(const ImageInput& input, const Tensor& images, bool divided) {
  const Shape& shape = input.port.shape;
  const bool numbers = input.port.dtype == DType::kFloat32 || input.bytes();
  const bool image = input.layout == Layout::kPlanes || input.layout == Layout::kPixels;
  if (!image || !numbers) return std::nullopt;
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
      : context_(original, torchvision), repaired_(repaired), rules_(rules_of(context_.view)) {}

  bool concern(const ImageSize& size) const {
    return std::ranges::any_of(doctor::rules(), [&](const Rule& rule) {
      return rule.corrects != nullptr && repaired_.contains(rule.code) &&
             rule.corrects(context_, size);
    });
  }
  const DetectionRules& rules() const { return rules_; }
  std::optional<ImageSize> traced_size() const {
    const std::optional<BakedSize> baked = find_baked_size(context_);
    return baked ? std::optional(baked->size) : std::nullopt;
  }

 private:
  RuleContext context_;
  const std::set<ErrorCode>& repaired_;
  DetectionRules rules_;
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

/// A loaded file and what it takes and gives.
struct File {
  explicit File(const std::filesystem::path& file)
      : path(file.string()), session(file, {}), contract(read_contract(session)) {}

  std::string path;
  Session session;
  Contract contract;
};

/// The original, if the runtime does not refuse it.
struct Before {
  explicit Before(const std::filesystem::path& path) {
    try {
      file.emplace(path);
    } catch (const Error& error) {
      if (error.code() != "R002") throw;
      const ErrorParts& parts = error.parts();
      refusal = cause_of(parts.details.empty() ? parts.found : parts.details.back());
    }
  }

  std::optional<File> file;
  std::string refusal = {};
};

/// Original and repaired file, run on one input after the other.
class Proof {
 public:
  Proof(const Before& before, const File& after, const Corrections& corrections, bool divided)
      : before_(before), after_(after), corrections_(corrections), divided_(divided) {}

  void add(const InputCase& each) {
    const std::optional<Tensor> input = fitted(after_.contract.input, each.input, divided_);
    if (!input) return;
    const Outcome was = run_before(each);
    const Outcome is = run(after_.session, *input);
    if (!is.failure.empty() && was.failure.empty()) does_not_hold(each.name, is.failure);
    std::string verdict;
    if (!is.failure.empty()) {
      verdict = "fails as before";
    } else {
      verdict = was.failure.empty() ? compared(each, was, is) : "fixed";
    }
    rows_.push_back({each.name, text(was), text(is), std::move(verdict), is.message});
  }

  /// \throws Error D102: there were results, and no image by which they could be judged.
  std::vector<ProofRow> rows() && {
    if (undecided_ > 0 && decided_ == 0) {
      does_not_hold(rows_.back().input, "scores tie on every image, so nothing could be compared");
    }
    return std::move(rows_);
  }

 private:
  Outcome run_before(const InputCase& each) const {
    if (!before_.file) return {{}, before_.refusal, ""};
    const std::optional<Tensor> input = fitted(before_.file->contract.input, each.input, true);
    if (!input) return {{}, "cannot take this size", ""};
    return run(before_.file->session, *input);
  }

  std::string compared(const InputCase& each, const Outcome& was, const Outcome& is) {
    const File& before = *before_.file;  // which has run
    const Agreement agreed = agreement({was.outputs, before.contract.outputs, before.path},
                                       {is.outputs, after_.contract.outputs, after_.path},
                                       each.input, corrections_.rules());
    ++(agreed.kind == Agreement::Kind::kUndecided ? undecided_ : decided_);
    if (agreed.kind != Agreement::Kind::kDifferent) return agreed.text;
    if (!corrections_.concern(size_of(each.input))) does_not_hold(each.name, agreed.text);
    return "differs as intended";
  }

  const Before& before_;
  const File& after_;
  const Corrections& corrections_;
  bool divided_;  ///< the repaired file takes 0..1
  std::size_t decided_ = 0;
  std::size_t undecided_ = 0;
  std::vector<ProofRow> rows_;
};

}  // namespace

OnnxModel copy_of(const OnnxModel& model) {
  OnnxModel copy = model;
  unshare(copy.graph);
  return copy;
}

std::vector<ProofRow> prove(const Original& original, const std::filesystem::path& mended,
                            const std::set<ErrorCode>& repaired, const FixOptions& options) {
  const Corrections corrections(original.model, repaired, options.torchvision);
  const Before before(original.file);
  const File after(mended);
  // Pairs of images, as RAFT takes them.
  if (after.session.inputs().size() > 1) {
    const Session* session = before.file ? &before.file->session : nullptr;
    return require_equal_networks(session, after.session, false, options.control).rows;
  }
  Proof proof(before, after, corrections, options.input == InputMode::kFloat);
  const auto inputs = inputs_for(after.contract.input, corrections.traced_size());
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    begin_step(options.control, {inputs[k].name, k, inputs.size()});
    if (inputs[k].input.dtype == DType::kUInt8) proof.add(inputs[k]);
  }
  return std::move(proof).rows();
}

}  // namespace tv2onnx::doctor
