#include "tv2onnx/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/text.h"
#include "checkpoint/fingerprint.h"
#include "export/build_model.h"
#include "export/choose_model.h"
#include "export/finite_weights.h"
#include "export/load_problems.h"
#include "export/notes.h"
#include "nn/module_differences.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "rewrite/check.h"
#include "rewrite/fold.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/error.h"
#include "zoo/detection/options.h"
#include "zoo/official_weights.h"
#include "zoo/shared_options.h"

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

/// The names by label; \throws Error U002 if the number of those given does not fit.
std::vector<std::string> class_names(const ExportOptions& options, const Checkpoint& checkpoint,
                                     const Model& model, std::int64_t classes) {
  const bool detector = model.task == Task::kDetection;
  if (options.class_names.empty()) return found_class_names(checkpoint, classes, detector).names;
  std::vector<std::string> names = fitted_names(options.class_names, classes, detector);
  if (!names.empty()) return names;
  const std::int64_t objects = model.background ? classes - 1 : classes;
  const auto count = static_cast<std::size_t>(objects);
  throw Error({.code = "U002",
               .found = fmt::format("the file has {}, the model {} classes",
                                    counted(options.class_names.size(), "class name"), objects),
               .where = {.item = "--class-names"},
               .expected = model.background ? fmt::format("{}, or {} with the background first",
                                                          counted(count, "name"), classes)
                                            : counted(count, "name")});
}

void require_raw_for_size(const Model& model, const BuildOptions& build) {
  if (!build.detection.size || build.detection.outputs == OutputMode::kRaw) return;
  if (model.task != Task::kDetection) return;  // what a model of one size takes, it says itself
  throw Error({.code = "U002",
               .found = "a size of the input",
               .where = {.item = "--size"},
               .expected = "no --size: only raw files have one, all others take images of any size",
               .hint = "--min-size and --max-size are the sizes that images are resized to"});
}

void require_masks(const Model& model, const BuildOptions& build) {
  if (build.detection.masks == MaskOutput::kAuto || model.has_output("masks")) return;
  throw Error({.code = "U002",
               .found = fmt::format("{} finds no masks", model.name),
               .where = {.item = "--masks"},
               .hint = "leave --masks out"});
}

void describe(Graph& graph, const Checkpoint& checkpoint, const Config& config, const Model& model,
              const BuildOptions& build, const std::vector<std::string>& names,
              const std::string& weights, const std::vector<std::string>& assumed) {
  graph.title = model.name;
  FileMetadata file{.version = TV2ONNX_VERSION,
                    .architecture = model.name,
                    .task = model.task,
                    .config = {config.all()},
                    .order = build.bgr ? ChannelOrder::kBgr : ChannelOrder::kRgb,
                    .torchvision = to_text(build.torchvision),
                    .checkpoint = fingerprint(checkpoint),
                    .class_names = names,
                    .assumed = assumed};
  if (model.task == Task::kClassification) {
    const auto normalisation = read_options<Normalisation>(config);
    file.input = InputMode::kNormalized;
    file.mean = normalisation.mean;
    file.deviation = normalisation.std;
    file.classifier_output = ClassifierOutput::kLogits;
    file.weights = weights;
  } else {
    file.input = build.input;
    file.outputs = build.detection.outputs;
  }
  if (model.has_output("masks")) file.masks = mask_output(build.detection);
  if (model.task == Task::kDetection && build.input == InputMode::kNormalized) {
    const TransformSpec done_outside = transform_spec(config, build.torchvision);
    file.mean = done_outside.mean;
    file.deviation = done_outside.std;
  }
  write_metadata(file, graph.metadata);
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

std::int64_t classes_of(const Graph& graph, const Model& model, const Checkpoint& checkpoint) {
  if (model.task == Task::kDetection) return class_count(checkpoint);
  return graph.info(graph.outputs().front()).dims->back().number();
}

/// Of torchvision's own weights that these are, "" if they are others.
std::string weights_name(const Checkpoint& checkpoint, const Model& model,
                         const ExportOptions& options) {
  if (!options.weights.empty()) {
    return std::string(official_weights(model.name, options.weights).name);
  }
  const OfficialWeights* weights = official_weights_in(checkpoint.file);
  return weights != nullptr && weights->arch == model.name ? std::string(weights->name) : "";
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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

}  // namespace

BuiltModel build_model(const Checkpoint& checkpoint, const ExportOptions& options) {
  BuiltModel built;
  ExportReport& report = built.report;
  begin_step(options.control, {"build", 0, kSteps});
  require_one_model(checkpoint);
  require_no_holder(checkpoint);
  require_plain_weights(checkpoint);
  report.guess = recognise(checkpoint);
  const Model& model = choose_model(checkpoint, report.guess, options.arch);
  require_masks(model, options.build);
  require_raw_for_size(model, options.build);
  const Config config = configure(model, checkpoint, report.guess, options);
  const WeightSource source = weights_of(checkpoint);
  Graph graph(options.opset);
  LoadReport load;
  build_into(graph, model, config, source, checkpoint, options.build, load);
  report.warnings = module_differences(checkpoint, load);
  if (!options.assume_torchvision) require_same_modules(report.warnings, checkpoint);
  require_clean(load, source, checkpoint, model, report.guess);

  report.arch = model.name;
  report.opset = options.opset;
  report.task = model.task;
  report.classes = classes_of(graph, model, checkpoint);
  if (model.task == Task::kClassification) {
    const auto normalisation = read_options<Normalisation>(config);
    report.preparation = preparation_text(normalisation.mean, normalisation.std);
  }
  describe(graph, checkpoint, config, model, options.build,
           class_names(options, checkpoint, model, report.classes),
           weights_name(checkpoint, model, options), report.warnings);
  begin_step(options.control, {"fold", 1, kSteps});
  built.model = lower(graph);
  require_normalisation(built.model, checkpoint);
  report.not_folded = fold_all(built.model).refused;
  require_sound(built.model);
  require_finite(built.model, checkpoint);
  report.notes = export_notes(checkpoint, report.guess, model, config, options);
  std::ranges::move(load.assumed, std::back_inserter(report.notes));
  report.assumed = assumed_settings(checkpoint, model, config);
  report.not_used = unused_settings(checkpoint, model, config);
  report.nodes = built.model.graph.nodes.size();
  report.weights_used = load.used.size();
  report.weights_total = source.keys.size() - static_cast<std::size_t>(std::ranges::count_if(
                                                  source.keys, only_for_training));
  report.settings = stated_settings(model, config);
  return built;
}

ExportReport export_onnx(const Checkpoint& checkpoint, const std::filesystem::path& path,
                         const ExportOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  BuiltModel built = build_model(checkpoint, options);
  begin_step(options.control, {"write", 2, kSteps});
  built.report.written = write_onnx(built.model, path, options.write);
  built.report.output = path.string();
  built.report.seconds = seconds_since(start);
  return std::move(built.report);
}

ExportedModel export_to_memory(const Checkpoint& checkpoint, const ExportOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  BuiltModel built = build_model(checkpoint, options);
  begin_step(options.control, {"write", 2, kSteps});
  ExportedModel exported{std::move(built.report), write_onnx(built.model, options.write)};
  exported.report.written = {.model_bytes = exported.bytes.size()};
  exported.report.seconds = seconds_since(start);
  return exported;
}

}  // namespace tv2onnx
