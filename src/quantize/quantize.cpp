#include "tv2onnx/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "base/platform.h"
#include "base/text.h"
#include "contract/precision.h"
#include "export/precision.h"
#include "onnx/external_data.h"
#include "onnx/model.h"
#include "onnx/write.h"
#include "quantize/calibrate.h"
#include "quantize/explain.h"
#include "quantize/judge.h"
#include "quantize/precision_loss.h"
#include "quantize/recipe.h"
#include "quantize/refusals.h"
#include "rewrite/quantise_convs.h"
#include "rewrite/quantise_products.h"
#include "run/refusals.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPhotos = 32;  // of each half
constexpr std::size_t kExplained = 4;    // photos

struct Photos {
  std::vector<Tensor> calibration;
  std::vector<Tensor> judged;
};

/// \throws Error with the photo's name, if a detector takes images of another size only, or is a
/// stranger's that fails.
void require_taken(const LoadedModel& original, const Tensor& photo, const fs::path& file) {
  const auto* detector = std::get_if<Detector>(&original);
  if (detector == nullptr) return;
  try {
    require_size(extent_of(photo), detector->contract(), detector->session().file());
    if (detector->contract().metadata.architecture.empty()) detector->run(photo);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    parts.where.item = file.string();
    if (parts.hint.empty()) {
      parts.hint = fmt::format("tv2onnx doctor {} finds what is wrong with the file",
                               shell_quoted(parts.where.file));
    }
    throw Error(std::move(parts));
  }
}

/// Every second photo for each purpose: what is measured says nothing about photos that ranges were
/// fitted to.
Photos read_photos(const std::vector<fs::path>& files, const LoadedModel& original,
                   const QuantizeOptions& options) {
  Photos photos;
  const std::size_t count = std::min(files.size(), 2 * kMostPhotos);
  for (std::size_t k = 0; k < count; ++k) {
    begin_step(options.control, {files[k].string(), k, count});
    Tensor photo = read_image(files[k], options.image);
    require_taken(original, photo, files[k]);
    (k % 2 == 0 ? photos.calibration : photos.judged).push_back(std::move(photo));
  }
  require_enough(files.size());  // after them: that a file is no image says more
  if (!std::ranges::all_of(photos.calibration, is_blank)) return photos;
  throw Error({.code = "U002",
               .found = "every photo to calibrate with has one colour only",
               .where = {.file = files.front().string()},
               .expected = "photos like those that the model will see"});
}

OnnxModel read_whole(const fs::path& path) {
  OnnxModel model = read_onnx_model(path);
  load_external_data(model, path);
  refuse_quantised(model, path);
  return model;
}

/// With weights that lie in a second file.
std::uint64_t size_of(const OnnxModel& model) {
  std::uint64_t weights = 0;
  for (const OnnxTensor& tensor : model.graph.initializers) weights += tensor.byte_size();
  return std::max(model.file_size, weights);
}

/// The weights of fully connected layers as they are read, perhaps rearranged on the way.
std::map<std::string, Tensor> weights_of(const OnnxModel& model, const ChosenLayers& chosen,
                                         const Tensor& input, const SessionOptions& options) {
  std::map<std::string, Tensor> weights;
  if (chosen.products.empty()) return weights;
  std::set<std::string> values;
  OnnxModel copy = model;
  const View view(copy);
  for (const auto& [node, value] : chosen.products) {
    const OnnxTensor* weight = view.float_weight(value);
    if (weight != nullptr) {
      weights.emplace(node, *weight->tensor());
    } else {
      values.insert(value);
    }
  }
  if (values.empty()) return weights;
  // A value that reads no image still needs a model with its input.
  const Session session = observing_session(model, values, options);
  const std::vector<Tensor> results =
      session.run(session.inputs().empty() ? std::vector<Tensor>{} : std::vector{input});
  for (const auto& [node, value] : chosen.products) {
    const auto at = values.find(value);
    if (at == values.end()) continue;
    const Tensor& weight = results[static_cast<std::size_t>(std::distance(values.begin(), at))];
    if (weight.shape.size() == 2) weights.emplace(node, weight);
  }
  return weights;
}

/// Returns how many fully connected layers have become 8-bit ones.
std::size_t rewrite(OnnxModel& model, const ChosenLayers& chosen, const LoadedModel& original,
                    const Photos& photos, const QuantizeOptions& options, int bits) {
  const int most = (1 << (bits - 1)) - 1;
  const auto input = [&](std::size_t k) { return input_of(original, photos.calibration[k]); };
  const std::map<std::string, Tensor> weights =
      weights_of(model, chosen, input(0), options.session);
  if (!chosen.convolutions.empty()) {
    std::set<std::string> values;
    for (const QuantisedValue& one : quantised_values(View(model), chosen.convolutions)) {
      values.insert(one.range_of);
    }
    const auto ranges = calibrate(model, values, photos.calibration.size(), input, options.session);
    quantise_convs(model, chosen.convolutions, ranges, most);
  }
  quantise_products(model, weights, most);
  model.metadata[kPrecisionKey] = "int8";
  return weights.size();
}

/// The photos that nothing was calibrated on, also those that are too many to be judged by.
std::vector<fs::path> other_files(const std::vector<fs::path>& files) {
  std::vector<fs::path> others;
  for (std::size_t k = 0; k < files.size(); ++k) {
    if (k % 2 == 1 || k >= 2 * kMostPhotos) others.push_back(files[k]);
  }
  return others;
}

std::optional<CocoAnnotations> annotations_for(const std::vector<fs::path>& files,
                                               const QuantizeOptions& options) {
  if (options.annotations.empty()) return std::nullopt;
  return annotations_of(other_files(files), options.annotations);
}

void measure(const OnnxModel& model, const LoadedModel& original, const Photos& photos,
             const std::optional<CocoAnnotations>& truth, const QuantizeOptions& options,
             QuantizeReport& report) {
  const LoadedModel quantised =
      loaded_like(original, Session(write_onnx(model, {}), "the quantised file", options.session));
  const Judgement found = judge(original, quantised, photos.judged.size(),
                                [&](std::size_t k) { return photos.judged[k]; });
  report.confident = found.kept.confident;
  report.kept = found.kept.again;
  report.added = found.kept.added;
  report.speed = found.speed;
  if (report.confident == 0) {
    throw Error(
        {.code = "U002",
         .found = fmt::format("the original finds nothing with a score of 0.5 in {} photos, "
                              "so what is kept cannot be told",
                              photos.judged.size()),
         .where = {.file = report.model},
         .expected = "photos of what the detector finds"});
  }
  if (!truth) return;
  report.precision = precision_loss(std::get<Detector>(original), std::get<Detector>(quantised),
                                    *truth, options.control);
}

QuantizeReport report_of(const fs::path& path, const fs::path& output, Task task,
                         const QuantizeOptions& options) {
  const SessionOptions& session = options.session;
  QuantizeReport report;
  report.model = path.string();
  report.output = output.string();
  report.load = platform::load_of_system();
  report.machine = fmt::format("ONNX Runtime {}, threads {}; {} cores, load {:.1f}",
                               find_runtime(session.library).second, session.threads,
                               std::thread::hardware_concurrency(), report.load);
  report.weight_bits = options.weight_bits.value_or(weight_bits_of_processor());
  report.fewest_kept = options.fewest_kept;
  report.task = task;
  report.things = counted_things(task);
  return report;
}

}  // namespace

QuantizeReport quantize(const fs::path& path, const std::vector<fs::path>& files,
                        const fs::path& output, const QuantizeOptions& options) {
  refuse_output(path, output, options.write.overwrite);
  OnnxModel model = read_whole(path);
  const Task task = require_known(model, path, options.recipe);
  require_measurable(task, options, path);
  prepare_layers(model);
  const ChosenLayers chosen = choose_layers(View(model), options.recipe, task);
  require_layers(chosen, model, path, options.recipe);
  const LoadedModel original = load_model(path, task, options.session);
  const Photos photos = read_photos(files, original, options);
  const std::optional<CocoAnnotations> truth = annotations_for(files, options);
  QuantizeReport report = report_of(path, output, task, options);
  report.convolutions = chosen.convolutions.size();
  report.calibrated = photos.calibration.size();
  report.judged = photos.judged.size();
  report.bytes_before = size_of(model);
  const OnnxModel before = options.explain ? model : OnnxModel{};
  report.layers = rewrite(model, chosen, original, photos, options, report.weight_bits);
  measure(model, original, photos, truth, options, report);
  if (options.explain) {
    report.costs = costs_of(
        before, model, chosen, std::min(photos.judged.size(), kExplained),
        [&](std::size_t k) { return input_of(original, photos.judged[k]); }, options.session);
  }
  const WriteReport written = write_onnx(model, output, options.write);
  report.bytes_after = written.model_bytes + written.data_bytes;
  return report;
}

WriteReport convert_weights(const fs::path& path, Precision precision, const fs::path& output,
                            const WriteOptions& options, std::string& note) {
  refuse_output(path, output, options.overwrite);
  OnnxModel model = read_whole(path);
  const std::size_t nodes = model.graph.nodes.size();
  note = apply_precision(model, precision);
  if (model.graph.nodes.size() == nodes) {
    throw Error({.code = "R007",
                 .found = "no float32 weights of convolutions or matrix products",
                 .where = {.file = path.string()}});
  }
  return write_onnx(model, output, options);
}

}  // namespace tv2onnx
