#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/mapped_file.h"
#include "base/output_file.h"
#include "base/text.h"
#include "doctor/rebuild/equality.h"
#include "doctor/rebuild/name_layers.h"
#include "doctor/rebuild/recover_weights.h"
#include "doctor/rebuild/settings.h"
#include "doctor/rule.h"
#include "doctor/torch_release.h"
#include "onnx/external_data.h"
#include "tv2onnx/error.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

constexpr const char* kFromCheckpoint =
    "export from the checkpoint: tv2onnx export CHECKPOINT -o MODEL.onnx";

/// "pytorch 1.13.0, opset 11"
std::string producer_text(const OnnxModel& model) {
  const std::string producer = model.producer.empty() ? "unknown producer" : model.producer;
  return fmt::format("{}{}{}, opset {}", printable(producer),
                     model.producer_version.empty() ? "" : " ", printable(model.producer_version),
                     model.opset());
}

constexpr auto kQuantised =
    std::to_array<std::string_view>({"QLinearConv", "ConvInteger", "MatMulInteger", "QLinearMatMul",
                                     "DequantizeLinear", "DynamicQuantizeLinear"});

void require_float_weights(const doctor::View& view) {
  const auto node = std::ranges::find_if(view.nodes(), [](const OnnxNode* each) {
    return std::ranges::find(kQuantised, each->op) != kQuantised.end();
  });
  if (node == view.nodes().end()) return;
  throw Error(
      {.code = "D110",
       .found = "the weights are quantised; what they were before is lost",
       .where = {.item = (*node)->label()},
       .hint = fmt::format("rebuild from the file before quantisation, or {}", kFromCheckpoint)});
}

/// A setting as a whole-module checkpoint would state it.
void state(Checkpoint& checkpoint, const doctor::FoundSetting& setting) {
  const std::size_t dot = setting.path.rfind('.');
  const bool root = dot == std::string::npos;
  const std::string path = root ? "" : setting.path.substr(0, dot);
  auto module = std::ranges::find(checkpoint.modules, path, &ModuleInfo::path);
  if (module == checkpoint.modules.end()) {
    module = checkpoint.modules.insert(module, {path, "", {}});
  }
  module->attributes.emplace_back(root ? setting.path : setting.path.substr(dot + 1),
                                  setting.value);
}

/// The file as a checkpoint: weights under torchvision's keys, settings as attributes of modules.
Checkpoint recover(OnnxModel& model, const std::filesystem::path& path) {
  const doctor::View view(model);
  require_float_weights(view);
  std::vector<doctor::Layer> layers = doctor::find_layers(view);
  doctor::name_layers(view, layers);
  Checkpoint checkpoint = doctor::recover_weights(view, layers);
  for (const auto& setting : doctor::find_settings(view, layers)) state(checkpoint, setting);
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  checkpoint.file = path.string();
  checkpoint.file_size = model.file_size;
  checkpoint.description = "ONNX file of " + producer_text(model);
  checkpoint.bytes_ = file->bytes();
  checkpoint.owner_ = file;
  return checkpoint;
}

/// What does not fit a checkpoint is told in other words here.
ExportReport build(const Checkpoint& checkpoint, const ExportOptions& options, Graph& graph) {
  try {
    return build_graph(checkpoint, options, graph);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    if (parts.code != "W001" && parts.code != "W003") throw;
    parts.found = parts.code == "W001" ? "the file is none of the detectors known here"
                                       : "the file holds other weights than " +
                                             detect_arch(checkpoint).name + " has";
    parts.code = parts.code == "W001" ? "D110" : "D111";
    parts.where.file = checkpoint.file;
    parts.hint = kFromCheckpoint;
    throw Error(std::move(parts));
  }
}

bool overridden(const ExportOptions& options, const std::string& name) {
  return std::ranges::any_of(options.overrides,
                             [&](const auto& override) { return override.name == name; });
}

/// None stands for what the graph would show if it were there.
bool told(const Checkpoint& checkpoint, const Option& option) {
  return option.attribute.empty() || option.standard.is_none() ||
         find_attribute(checkpoint, option.attribute) != nullptr;
}

std::vector<std::string> untold(const Model& model, const Checkpoint& checkpoint,
                                const ExportOptions& options) {
  std::vector<std::string> names;
  for (const Option& option : model.options) {
    if (told(checkpoint, option) || overridden(options, option.name)) continue;
    names.push_back(fmt::format("{} = {}", option.name, to_json(option.standard)));
  }
  return names;
}

/// Options for a file that should find the same: without what the user wants otherwise than it was.
ExportOptions as_it_was(const Model& model, const Checkpoint& checkpoint, ExportOptions options) {
  std::erase_if(options.overrides, [&](const ExportOptions::Override& override) {
    const auto option = std::ranges::find(model.options, override.name, &Option::name);
    return option != model.options.end() && told(checkpoint, *option);
  });
  return options;
}

TransformSpec transform_of(const Model& model, const Checkpoint& checkpoint,
                           const ExportOptions& options) {
  Config config(model.options);
  config.take_from(checkpoint);
  for (const auto& [name, value, origin] : options.overrides) config.set(name, value, origin);
  return transform_spec(config, options.build.torchvision);
}

bool has_external_data(const OnnxModel& model) {
  return std::ranges::any_of(model.graph.initializers,
                             [](const OnnxTensor& tensor) { return !tensor.external.empty(); });
}

/// The foreign file, or a repaired copy if it has faults that make it crash or err.
class Comparable {
 public:
  Comparable(const std::filesystem::path& path, const std::filesystem::path& scratch)
      : path_(path) {
    OnnxModel model = read_onnx_model(path);
    // External weights would have to lie beside the copy too.
    if (has_external_data(model)) return;
    const Diagnosis diagnosis = doctor::examine(model, path.string());
    const bool faulty = std::ranges::any_of(diagnosis.findings, [](const Finding& finding) {
      return finding.repairable && finding.damage > Damage::kWaste;
    });
    if (!faulty) return;
    doctor::repair(model, diagnosis);
    copy_.emplace(scratch, true);
    write_onnx_model(model, *copy_);
    path_ = copy_->temporary();
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::optional<OutputFile> copy_;
};

/// Compares a file made with these options to the foreign one.
doctor::Equality compare(const std::filesystem::path& foreign_path, const Checkpoint& checkpoint,
                         const Model& model, ExportOptions options,
                         const std::vector<Tensor>& photos, const std::filesystem::path& scratch) {
  const doctor::ForeignDetector foreign(foreign_path);
  const TransformSpec spec = transform_of(model, checkpoint, options);
  if (const auto only = foreign.size()) {
    // The one size that the file takes, resized as its graph does.
    const ImageSize traced = doctor::traced_size(*only, spec);
    options.overrides.push_back(
        {"fixed_size", {SettingList{{traced[1]}, {traced[0]}}}, "comparison"});
  }
  Graph graph(options.opset);
  build(checkpoint, options, graph);
  write_onnx(graph, scratch, {.overwrite = true});
  return doctor::require_equal(foreign, scratch, doctor::inputs_for(foreign, spec, photos));
}

void require_comparison(const doctor::Equality& equality, bool unproven) {
  if (equality.compared > 0 || unproven) return;
  std::vector<std::string> details;
  for (const ProofRow& row : equality.rows) {
    details.push_back(fmt::format("  {}: {}", row.input, row.before));
  }
  throw Error({.code = "D112",
               .found = "the original fails on every input, so nothing could be compared",
               .details = std::move(details),
               .hint = "--unproven writes the rebuilt file all the same"});
}

}  // namespace

Rebuilt rebuild(const std::filesystem::path& path, const std::filesystem::path& out,
                const RebuildOptions& options) {
  OnnxModel model = read_onnx_model(path);
  load_external_data(model, path.parent_path());
  const Checkpoint checkpoint = recover(model, path);
  ExportOptions core = options.core;
  core.build.torchvision =
      options.torchvision.value_or(doctor::torchvision_of(model).value_or(TorchvisionVersion{}));

  Rebuilt rebuilt;
  rebuilt.source = producer_text(model);
  const OutputFile scratch(out, core.write.overwrite);  // fails early, and is removed at the end
  Graph graph(core.opset);
  rebuilt.exported = build(checkpoint, core, graph);
  const Model& zoo_model = find_model(rebuilt.exported.arch);
  rebuilt.defaults = untold(zoo_model, checkpoint, core);
  {
    const Comparable original(path, scratch.temporary());
    const doctor::Equality equality =
        compare(original.path(), checkpoint, zoo_model, as_it_was(zoo_model, checkpoint, core),
                options.photos, scratch.temporary());
    require_comparison(equality, options.unproven);
    rebuilt.proof = equality.rows;
    if (equality.compared > 0 && equality.detections == 0) {
      rebuilt.doubt =
          "the original found nothing on the images, so their comparison says little; "
          "give --image PHOTO";
    }
  }
  rebuilt.exported.written = write_onnx(graph, out, core.write);
  return rebuilt;
}

}  // namespace tv2onnx
