#include "export/choose_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "zoo/incomplete_detectors.h"
#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

/// The row that the user named. Weights that are known to be something else are refused.
const Model& named_model(const Checkpoint& checkpoint, const Recognition& guess,
                         const std::string& arch) {
  const Model& model = find_model(arch);
  const bool fits =
      guess.name.empty() || std::ranges::find(guess.candidates, &model) != guess.candidates.end();
  if (fits) return model;
  std::string hint = guess.way_out;
  if (guess.model() != nullptr) {
    hint = fmt::format("leave --arch out, or give --arch {}", guess.name);
  } else if (hint.empty()) {
    hint = "models that can be exported: tv2onnx models";
  }
  throw Error({.code = "W004",
               .found = fmt::format("the weights are those of {}, not of {}", guess.name, arch),
               .where = {.file = checkpoint.file, .item = "--arch"},
               .details = guess.reasons,
               .hint = std::move(hint)});
}

/// A file that is called as torchvision's weights of one model has those of another: somebody
/// counts on what the name says.
void require_own_name(const Checkpoint& checkpoint, const Recognition& guess) {
  const OfficialWeights* named = official_weights_in(checkpoint.file);
  if (named == nullptr) return;
  const bool fits = std::ranges::any_of(
      guess.candidates, [&](const Model* model) { return model->name == named->arch; });
  if (fits) return;
  throw Error({.code = "W004",
               .found = fmt::format("the weights are those of {}, and the file is called as {} of "
                                    "{}",
                                    guess.name, named->name, named->arch),
               .where = {.file = checkpoint.file},
               .hint = fmt::format("--arch {} exports them all the same", guess.name)});
}

}  // namespace

void require_one_model(const Checkpoint& checkpoint) {
  if (checkpoint.choices.size() < 2) return;
  std::vector<std::string> choices;
  for (const std::string& choice : checkpoint.choices) {
    choices.push_back(fmt::format("--prefix {}", shell_quoted(choice)));
  }
  throw Error({.code = "W001",
               .found = fmt::format("the file holds {} detectors", choices.size()),
               .where = {.file = checkpoint.file},
               .expected = "one, or the option that chooses one of them",
               .details = std::move(choices),
               .hint = fmt::format("tv2onnx inspect {} shows a command for each",
                                   shell_quoted(checkpoint.file))});
}

void require_no_holder(const Checkpoint& checkpoint) {
  if (checkpoint.holder.empty()) return;
  std::string member = checkpoint.stripped_prefix;
  if (member.ends_with('.')) member.pop_back();
  throw Error(
      {.code = "W005",
       .found = fmt::format("the detector is the member '{}' of {}, whose code is not in the file",
                            printable(member), printable(checkpoint.holder)),
       .where = {.file = checkpoint.file},
       .expected = "a detector by itself, as that code may change images or results",
       .hint = fmt::format("--prefix {} exports the member alone", shell_quoted(member))});
}

const Model& choose_model(const Checkpoint& checkpoint, const Recognition& guess,
                          const std::string& arch) {
  if (arch != "auto") return named_model(checkpoint, guess, arch);
  if (guess.model() != nullptr) {
    require_own_name(checkpoint, guess);
    return *guess.model();
  }
  std::string hint = guess.way_out;
  if (hint.empty()) {
    hint = fmt::format(
        "what is in the file: tv2onnx inspect {} --tensors; what can be exported: "
        "tv2onnx models",
        shell_quoted(checkpoint.file));
  }
  throw Error({.code = "W001",
               .found = guess.name.empty()
                            ? "the checkpoint fits no architecture that is known here"
                            : fmt::format("the checkpoint looks like {}, which is not supported",
                                          guess.name),
               .where = {.file = checkpoint.file},
               .details = guess.reasons,
               .hint = std::move(hint)});
}

void add_way_out(const Checkpoint& checkpoint, ErrorParts& error) {
  if (!error.hint.empty()) return;
  const IncompleteDetector part = incomplete_detector(checkpoint);
  if (!part.name.empty()) {
    error.details.push_back(part.missing);
    error.hint = "save the state_dict() of the whole detector";
    return;
  }
  const std::string backbone = foreign_backbone(checkpoint);
  if (!backbone.empty()) error.details.push_back("it looks like " + backbone);
  error.hint = kWayByTracing;
}

}  // namespace tv2onnx
