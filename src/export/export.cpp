#include "tv2onnx/export.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/text.h"
#include "export/load_problems.h"
#include "export/notes.h"
#include "rewrite/fold.h"
#include "tv2onnx/error.h"
#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

/// The row that the user named. Weights that are known to be something else are refused.
const Model& named_model(const Checkpoint& checkpoint, const ArchGuess& guess,
                         const std::string& arch) {
  const Model& model = find_model(arch);
  const bool fits = guess.name.empty() || guess.model == &model ||
                    std::ranges::find(guess.same_weights, arch) != guess.same_weights.end();
  if (fits) return model;
  throw Error({.code = "W004",
               .found = fmt::format("the weights are those of {}, not of {}", guess.name, arch),
               .where = {.file = checkpoint.file, .item = "--arch"},
               .details = guess.reasons,
               .hint = guess.model == nullptr
                           ? "models that can be exported: tv2onnx models"
                           : fmt::format("leave --arch out, or give --arch {}", guess.name)});
}

const Model& choose_model(const Checkpoint& checkpoint, const ArchGuess& guess,
                          const std::string& arch) {
  if (arch != "auto") return named_model(checkpoint, guess, arch);
  if (guess.model != nullptr) return *guess.model;
  throw Error({.code = "W001",
               .found = guess.name.empty()
                            ? "the checkpoint fits no architecture that is known here"
                            : fmt::format("the checkpoint looks like {}, which is not supported",
                                          guess.name),
               .where = {.file = checkpoint.file},
               .details = guess.reasons,
               .hint = "--arch NAME tries a model; all of them: tv2onnx models"});
}

Config configure(const Model& model, const Checkpoint& checkpoint, const ArchGuess& guess,
                 const ExportOptions& options) {
  Config config(model.options);
  config.take_from(checkpoint);
  std::vector<ImpliedSetting> implied;
  if (guess.model == &model) implied = guess.settings;
  if (!options.weights.empty())
    implied = settings_of(official_weights(model.name, options.weights));
  for (const auto& [name, value, origin] : implied) config.set(name, value, origin);
  for (const auto& [name, value, origin] : options.overrides) config.set(name, value, origin);
  return config;
}

/// The names with background at 0; \throws Error U002 if their number does not fit.
std::vector<std::string> class_names(const ExportOptions& options, const Checkpoint& checkpoint,
                                     std::int64_t classes) {
  const bool given = !options.class_names.empty();
  std::vector<std::string> names = given ? options.class_names : checkpoint.class_names;
  const auto count = static_cast<std::size_t>(classes);
  if (names.size() + 1 == count) names.insert(names.begin(), "__background__");
  if (names.empty() || names.size() == count) return names;
  if (!given) return {};  // what the file has is about something else
  throw Error(
      {.code = "U002",
       .found = fmt::format("the file has {} class name{}, the model {} classes", names.size(),
                            names.size() == 1 ? "" : "s", classes - 1),
       .where = {.item = "--class-names"},
       .expected = fmt::format("{} names, or {} with the background first", classes - 1, classes)});
}

std::string fingerprint(const Checkpoint& checkpoint) {
  const XXH128_hash_t hash = XXH3_128bits(checkpoint.bytes().data(), checkpoint.bytes().size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

void require_raw_for_size(const BuildOptions& build) {
  if (!build.size || build.outputs == OutputMode::kRaw) return;
  throw Error({.code = "U002",
               .found = "a size of the input",
               .where = {.item = "--size"},
               .expected = "no --size: only raw files have one, all others take images of any size",
               .hint = "--min-size and --max-size are the sizes that images are resized to"});
}

void require_masks(const Model& model, const BuildOptions& build) {
  if (build.masks == MaskOutput::kAuto || model.masks) return;
  throw Error({.code = "U002",
               .found = fmt::format("{} finds no masks", model.name),
               .where = {.item = "--masks"},
               .hint = "leave --masks out"});
}

std::string_view text_of(InputMode mode) {
  return mode == InputMode::kFloat ? "float" : mode == InputMode::kUint8 ? "uint8" : "auto";
}
std::string_view text_of(OutputMode mode) {
  if (mode == OutputMode::kRaw) return "raw";
  return mode == OutputMode::kBatched ? "batched" : mode == OutputMode::kFixed ? "fixed" : "flat";
}

void describe(Graph& graph, const Checkpoint& checkpoint, const Config& config, const Model& model,
              const BuildOptions& build, const std::vector<std::string>& names) {
  graph.title = model.name;
  graph.metadata["tv2onnx.version"] = TV2ONNX_VERSION;
  graph.metadata["tv2onnx.architecture"] = model.name;
  graph.metadata["tv2onnx.config"] = to_json({config.all()});
  graph.metadata["tv2onnx.input"] = text_of(build.input);
  graph.metadata["tv2onnx.channel_order"] = build.bgr ? "bgr" : "rgb";
  graph.metadata["tv2onnx.outputs"] = text_of(build.outputs);
  if (model.masks) {
    graph.metadata["tv2onnx.masks"] = mask_output(build) == MaskOutput::kFull ? "full" : "roi";
  }
  graph.metadata["tv2onnx.torchvision"] = to_text(build.torchvision);
  graph.metadata["tv2onnx.checkpoint_xxh3"] = fingerprint(checkpoint);
  if (names.empty()) return;
  SettingList list;
  for (const std::string& name : names) list.push_back({name});
  graph.metadata["tv2onnx.class_names"] = to_json({list});
}

}  // namespace

ExportReport build_graph(const Checkpoint& checkpoint, const ExportOptions& options, Graph& graph) {
  ExportReport report;
  report.guess = detect_arch(checkpoint);
  const Model& model = choose_model(checkpoint, report.guess, options.arch);
  require_masks(model, options.build);
  require_raw_for_size(options.build);
  const Config config = configure(model, checkpoint, report.guess, options);
  const WeightSource source = weights_of(checkpoint);
  LoadReport load;
  try {
    model.build(Scope(graph, source, load), config, options.build);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    if (parts.where.file.empty()) parts.where.file = checkpoint.file;
    throw Error(std::move(parts));
  }
  require_clean(load, source, checkpoint, model, report.guess);
  require_same_layers(load, checkpoint);

  report.arch = model.name;
  report.classes = class_count(checkpoint);
  describe(graph, checkpoint, config, model, options.build,
           class_names(options, checkpoint, report.classes));
  run_passes(graph);
  report.notes = export_notes(checkpoint, report.guess, model, config, options);
  report.assumed = assumed_settings(checkpoint, model, config);
  report.nodes = graph.nodes().size();
  report.weights_used = load.used.size();
  report.weights_total = source.keys.size() - static_cast<std::size_t>(std::ranges::count_if(
                                                  source.keys, only_for_training));
  for (const Option& option : model.options) {
    const Setting& value = config[option.name];
    if (!same_meaning(value, option.standard)) {
      report.settings.push_back({option.name, to_json(value), config.origin(option.name)});
    }
  }
  return report;
}

ExportReport export_onnx(const Checkpoint& checkpoint, const std::filesystem::path& path,
                         const ExportOptions& options) {
  Graph graph(options.opset);
  ExportReport report = build_graph(checkpoint, options, graph);
  report.written = write_onnx(graph, path, options.write);
  return report;
}

}  // namespace tv2onnx
