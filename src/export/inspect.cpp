#include "tv2onnx/inspect.h"

#include <algorithm>

#include "export/export_commands.h"
#include "export/notes.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

/// Statistics of batch normalisation are no parameters, but floating.
bool is_parameter(const NamedTensor& named) {
  return is_floating(named.tensor.dtype) && !named.name.ends_with("running_mean") &&
         !named.name.ends_with("running_var");
}

std::vector<ModuleSetting> module_settings(const Model& model, const Checkpoint& checkpoint) {
  std::vector<ModuleSetting> found;
  for (const Option& option : model.options) {
    if (option.attribute.empty()) continue;
    const Setting* value = find_attribute(checkpoint, option.attribute);
    if (value == nullptr) continue;
    found.push_back({&option, value, same_meaning(*value, option.standard)});
  }
  return found;
}

}  // namespace

CheckpointReport inspect(const Checkpoint& checkpoint) {
  CheckpointReport report;
  report.guess = recognise(checkpoint);
  const Model* model = report.guess.model();
  const bool detector = model == nullptr || model->task == Task::kDetection;
  report.classes = detector ? class_count(checkpoint) : report.guess.classes;
  report.names = found_class_names(checkpoint, report.classes, detector || model->background);
  if (model != nullptr) {
    Config config(model->options);
    for (const auto& [name, value, origin] : report.guess.settings) config.set(name, value, origin);
    report.photo = photo_of(config);
    report.settings = module_settings(*model, checkpoint);
  }
  for (const NamedTensor& named : checkpoint.tensors) {
    if (is_parameter(named)) report.parameters += named.tensor.size();
    ++report.dtypes[dtype_name(named.tensor.dtype)];
  }
  report.running_code = static_cast<std::size_t>(
      std::ranges::count_if(checkpoint.globals, &GlobalUse::would_run_code));
  report.notes = opening_notes(checkpoint);
  report.commands = export_commands(checkpoint, report.guess);
  return report;
}

}  // namespace tv2onnx
