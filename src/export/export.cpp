#include "tv2onnx/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>

#include "base/stopwatch.h"
#include "base/text.h"
#include "export/allowed_options.h"
#include "export/backbone_file.h"
#include "export/backbone_nodes.h"
#include "export/build_model.h"
#include "export/choose_model.h"
#include "export/describe.h"
#include "export/finite_weights.h"
#include "export/fit_photo.h"
#include "export/load_problems.h"
#include "export/notes.h"
#include "export/precision.h"
#include "export/weight_scan.h"
#include "nn/module_differences.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "rewrite/check.h"
#include "rewrite/fold.h"
#include "rewrite/state_summands.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/error.h"
#include "zoo/class_outputs.h"
#include "zoo/features.h"
#include "zoo/official_weights.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kSteps = 3;

Config configure(const Model& model, const Checkpoint& checkpoint, const Recognition& guess,
                 const ExportOptions& options) {
  Config config(model.options);
  config.take_from(checkpoint);
  std::vector<ImpliedSetting> implied;
  if (guess.model() == &model) implied = guess.settings;
  if (!options.weights.empty())
    implied = settings_of(official_weights(model.name, options.weights));
  for (const auto& [name, value, origin] : implied) config.set(name, value, origin);
  for (const auto& [name, value, origin] : options.overrides) config.set(name, value, origin);
  return config;
}

void build_into(Graph& graph, const Model& model, const Config& config, const WeightSource& source,
                const Checkpoint& checkpoint, const BuildOptions& options, LoadReport& load) {
  try {
    model.build(Scope(graph, source, load), config, options);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    if (parts.where.file.empty()) parts.where.file = checkpoint.file;
    if (parts.code == "W001") add_way_out(checkpoint, parts);
    throw Error(std::move(parts));
  }
}

/// Of planes; bytes, whose last axis is that of the channels, are of any size.
bool has_one_size(const Graph& graph) {
  const std::optional<Dims>& dims = graph.info(graph.inputs().front()).dims;
  return dims && dims->size() >= 2 && dims->back().is_number() &&
         (*dims)[dims->size() - 2].is_number();
}

std::int64_t classes_of(const Graph& graph, const Model& model, const Checkpoint& checkpoint) {
  switch (model.task) {
    case Task::kDetection:
    case Task::kSegmentation: return class_count(checkpoint);
    case Task::kClassification:
    case Task::kVideo: return output_classes(graph);
    case Task::kFlow: break;
  }
  return 0;
}

void require_sound(const OnnxModel& model) {
  std::vector<std::string> problems = check(model);
  if (problems.empty()) return;
  throw Error({.code = "G001",
               .found = "the graph breaks an invariant",
               .where = {.item = model.graph.name},
               .details = std::move(problems)});
}

std::vector<ExportReport::StatedSetting> stated_settings(const Model& model, const Config& config) {
  std::vector<ExportReport::StatedSetting> settings;
  for (const Option& option : model.options) {
    const Setting& value = config[option.name];
    if (!same_meaning(value, option.standard)) {
      settings.push_back({option.name, to_json(value), config.origin(option.name)});
    }
  }
  return settings;
}

/// The file instead of the checkpoint's backbone, whose opset is then that of the model.
std::optional<ReadBackbone> take_backbone(ExportOptions& options) {
  if (!options.backbone) return std::nullopt;
  ReadBackbone backbone = read_backbone(*options.backbone);
  const auto opset = static_cast<int>(backbone.model.opset());
  if (options.opset.value_or(opset) != opset) {
    throw Error(
        {.code = "U002",
         .found = fmt::format("opset {}, and a backbone of opset {}", *options.opset, opset),
         .where = {.file = backbone.known.file, .item = "--opset"},
         .hint = "leave --opset out: the file gets the backbone's"});
  }
  options.opset = opset;
  options.build.detection.backbone = backbone.known;
  return backbone;
}

/// Puts the nodes of the file into the model, if there is one.
void add_backbone(BuiltModel& built, std::optional<ReadBackbone> backbone,
                  const Checkpoint& checkpoint) {
  if (!backbone) return;
  const ReplacedWeights replaced = compare_backbone(built.model, *backbone, checkpoint);
  built.report.weights_replaced = replaced.keys.size();
  built.report.weights_compared = replaced.compared;
  built.report.notes.push_back(fmt::format(
      "the backbone is {}: {} of {} are in it under their names, with the checkpoint's numbers",
      backbone->known.file, replaced.compared, counted(replaced.keys.size(), "tensor")));
  splice_backbone(built.model, std::move(backbone->model), replaced.begin);
}

/// What the graph is, before it is written.
void report_graph(ExportReport& report, const Graph& graph, const Model& model,
                  const Checkpoint& checkpoint, const Config& config, const BuildOptions& build) {
  report.arch = model.name;
  report.task = model.task;
  report.classes = classes_of(graph, model, checkpoint);
  report.opset = graph.opset();
  report.one_size = has_one_size(graph);
  if (const std::optional<PhotoSpec> photo = photo_of(config)) {
    report.preparation = preparation_text(*photo, preprocess_of(build, model.task));
  }
  if (model.task != Task::kDetection) {
    report.answer = mode_name(kOutputModes, output_mode(build, model.task));
  }
}

/// What became of settings and weights.
void report_use(ExportReport& report, const Model& model, const Checkpoint& checkpoint,
                const Config& config, const LoadReport& load, const WeightSource& source) {
  std::ranges::copy(load.assumed, std::back_inserter(report.notes));
  report.assumed = assumed_settings(checkpoint, model, config);
  report.not_used = unused_settings(checkpoint, model, config);
  report.weights_used = load.used.size();
  report.weights_total = source.keys.size() - static_cast<std::size_t>(std::ranges::count_if(
                                                  source.keys, only_for_training));
  report.settings = stated_settings(model, config);
}

/// Folds what was lowered, checks it, and gives it its precision. What the scan found.
WeightScan fold(BuiltModel& built, const Checkpoint& checkpoint, std::future<WeightScan> scanning,
                Precision precision) {
  require_normalisation(built.model, checkpoint);
  built.report.not_folded = fold_all(built.model).refused;
  state_summands(built.model);
  require_sound(built.model);
  WeightScan scan = scanning.get();
  require_finite(built.model, checkpoint, scan);
  const std::string unchanged = apply_precision(built.model, precision);
  if (!unchanged.empty()) built.report.notes.push_back(unchanged);
  return scan;
}

}  // namespace

BuiltModel build_model(const Checkpoint& checkpoint, const ExportOptions& given) {
  BuiltModel built;
  ExportReport& report = built.report;
  begin_step(given.control, {"build", 0, kSteps});
  require_one_model(checkpoint);
  require_no_holder(checkpoint);
  require_plain_weights(checkpoint);
  ExportOptions options = given;
  std::optional<ReadBackbone> backbone = take_backbone(options);
  report.guess = recognise(checkpoint, backbone ? &backbone->known : nullptr);
  const Model& model = choose_model(checkpoint, report.guess, options.arch);
  require_allowed(model, options.build);
  Config config = configure(model, checkpoint, report.guess, options);
  const WeightSource source = weights_of(checkpoint);
  fit_photo(config, model, source, options.build);
  Graph graph(options.opset.value_or(kDefaultOpset));
  graph.title = model.name;
  LoadReport load;
  build_into(graph, model, config, source, checkpoint, options.build, load);
  require_own_numbers(checkpoint, options.build.features);
  feature_outputs(graph, options.build.features);
  report.warnings = module_differences(checkpoint, load);
  if (!options.assume_torchvision) require_same_modules(report.warnings, checkpoint);
  require_clean(load, source, checkpoint, model, report.guess);
  report_graph(report, graph, model, checkpoint, config, options.build);
  const std::vector<std::string> names = class_names(options, checkpoint, model, report.classes);
  begin_step(options.control, {"fold", 1, kSteps});
  // All bytes are read for it: beside the work on the graph.
  std::future<WeightScan> scanning = std::async([&] { return scan_weights(checkpoint); });
  built.model = lower(graph);
  add_backbone(built, std::move(backbone), checkpoint);
  const WeightScan scan = fold(built, checkpoint, std::move(scanning), options.precision);
  describe(built.model, scan.fingerprint, checkpoint, config, model, options, names,
           report.warnings);
  std::ranges::move(export_notes(checkpoint, report.guess, model, config, options, report.classes),
                    std::back_inserter(report.notes));
  report_use(report, model, checkpoint, config, load, source);
  report.nodes = built.model.graph.nodes.size();
  return built;
}

ExportReport export_onnx(const Checkpoint& checkpoint, const std::filesystem::path& path,
                         const ExportOptions& options) {
  const Stopwatch watch;
  BuiltModel built = build_model(checkpoint, options);
  begin_step(options.control, {"write", 2, kSteps});
  built.report.written = write_onnx(built.model, path, options.write);
  built.report.output = path.string();
  built.report.seconds = watch.seconds();
  return std::move(built.report);
}

ExportedModel export_to_memory(const Checkpoint& checkpoint, const ExportOptions& options) {
  const Stopwatch watch;
  BuiltModel built = build_model(checkpoint, options);
  begin_step(options.control, {"write", 2, kSteps});
  ExportedModel exported{std::move(built.report), write_onnx(built.model, options.write)};
  exported.report.written = {.model_bytes = exported.bytes.size()};
  exported.report.seconds = watch.seconds();
  return exported;
}

}  // namespace tv2onnx
