#include "contract/stated_answer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/doubt.h"
#include "contract/outputs.h"

namespace tv2onnx {
namespace {

/// The output that answers, by its mode. Of kTopK it is `scores`, beside `labels`; of kAll the last
/// flow, beside `flows`.
std::string_view answer_name(OutputMode mode) {
  switch (mode) {
    case OutputMode::kTopK: return "scores";
    case OutputMode::kAll: return mode_name(kOutputModes, OutputMode::kFlow);
    default: return mode_name(kOutputModes, mode);
  }
}

/// What models of each task but detection can give.
bool may_give(Task task, OutputMode mode) {
  switch (mode) {
    case OutputMode::kLabels: return task == Task::kSegmentation;
    case OutputMode::kFlow:
    case OutputMode::kAll: return task == Task::kFlow;
    case OutputMode::kLogits: return task != Task::kFlow;
    case OutputMode::kProbabilities:
    case OutputMode::kTopK: return task == Task::kClassification || task == Task::kVideo;
    default: return false;
  }
}

}  // namespace

std::size_t promised_output(const FilePorts& file, std::string_view name, Contract& contract) {
  const auto index = port_index(file.outputs, name);
  if (!index) {
    doubt(contract, fmt::format("the metadata promises output '{}', which is not there", name),
          kEdited);
  }
  return index.value_or(0);
}

void read_stated_answer(const FilePorts& file, Contract& contract) {
  AnswerOutputs& answer = contract.answer;
  const auto named = [&](std::string_view name) { return promised_output(file, name, contract); };
  answer.mode = contract.metadata.outputs;
  if (!may_give(contract.task, *answer.mode)) {
    doubt(contract,
          fmt::format("the metadata promise {} of a {}", mode_name(kOutputModes, *answer.mode),
                      model_noun(contract.task)),
          kEdited);
  }
  answer.answer = named(answer_name(*answer.mode));
  if (answer.mode == OutputMode::kTopK) answer.labels = named("labels");
  answer.aux = port_index(file.outputs, "aux");
  for (const std::string& name : contract.metadata.features) {
    answer.features.push_back(named(printable(name)));
  }
  contract.photo = contract.metadata.photo;
  contract.preprocess = contract.metadata.preprocess.value_or(Preprocess::kNone);
}

}  // namespace tv2onnx
