#include "export/backbone_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/text.h"
#include "rewrite/clean_up.h"
#include "rewrite/edit.h"
#include "rewrite/splice.h"
#include "tv2onnx/error.h"
#include "zoo/detection/backbone_from_file.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kBegin = "backbone.";
constexpr std::size_t kShownNodes = 12;

/// Floating tensors of the checkpoint's backbone that the detector does not read itself.
std::vector<std::string> replaced_keys(const OnnxModel& model, const Checkpoint& checkpoint) {
  std::set<std::string_view> own;
  for (const OnnxTensor& tensor : model.graph.initializers) own.insert(tensor.name);
  std::vector<std::string> keys;
  for (const NamedTensor& named : checkpoint.tensors) {
    if (!named.name.starts_with(kBegin) || only_for_training(named.name)) continue;
    if (!own.contains(named.name)) keys.push_back(named.name);
  }
  return keys;
}

/// What is in front of the file's names in the checkpoint's keys: that with most matches.
std::string begin_of_names(const View& view, const std::vector<std::string>& keys) {
  std::string_view best = kBegin;
  std::ptrdiff_t most = 0;
  for (const std::string_view begin : {kBegin, std::string_view("backbone.body.")}) {
    const auto matches = std::ranges::count_if(keys, [&](const std::string& key) {
      return key.starts_with(begin) && view.constant(key.substr(begin.size())).has_value();
    });
    if (matches > most) best = begin;
    most = std::max(most, matches);
  }
  return std::string(best);
}

/// How two tensors of one name differ, or "".
std::string difference(const Tensor& own, const Tensor& files) {
  if (own.shape != files.shape) {
    return fmt::format("{} in the checkpoint, {} in the file", shape_text(own.shape),
                       shape_text(files.shape));
  }
  const std::vector<float> a = to_float(own);
  const std::vector<float> b = to_float(files);
  float most = 0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] == b[k] || (std::isnan(a[k]) && std::isnan(b[k]))) continue;
    most = std::max(most, std::abs(a[k] - b[k]));
    ++count;
  }
  return count == 0
             ? ""
             : fmt::format("{} of {} numbers differ, by up to {:.3g}", count, a.size(), most);
}

/// Whether the file has the numbers under some name: layers behind one that was left out of a whole
/// module have other numbers there than in the file.
bool has_numbers(const OnnxGraph& graph, const Tensor& own) {
  return std::ranges::any_of(graph.initializers, [&](const OnnxTensor& stored) {
    const std::optional<Tensor> files = stored.dims == own.shape ? stored.tensor() : std::nullopt;
    return files && difference(own, *files).empty();
  });
}

[[noreturn]] void refuse_other_numbers(std::vector<std::string> lines, std::string file,
                                       const Checkpoint& checkpoint) {
  const std::size_t count = lines.size();
  if (count > kShownNodes) {
    lines.resize(kShownNodes);
    lines.push_back(fmt::format("... and {} more", count - kShownNodes));
  }
  throw Error({.code = "W007",
               .found = fmt::format("{} of {} are not those of the file", counted(count, "tensor"),
                                    checkpoint.file),
               .where = {.file = std::move(file)},
               .expected = "the backbone of this very checkpoint",
               .details = std::move(lines),
               .hint = "export the backbone again, from the model with these weights: "
                       "scripts/export_backbone.py"});
}

[[noreturn]] void refuse_unnamed(std::size_t keys, std::string file) {
  throw Error({.code = "W007",
               .found = fmt::format("none of the backbone's {} is in the file under its name",
                                    counted(keys, "tensor")),
               .where = {.file = std::move(file)},
               .expected = "names that show that the file is this checkpoint's backbone",
               .hint = "torch.onnx.export(..., training=torch.onnx.TrainingMode.PRESERVE, "
                       "do_constant_folding=False) of model.backbone keeps the names; so does "
                       "scripts/export_backbone.py"});
}

/// "/body/conv1/Conv" without the slash, where that is no other name; nodes without a name get one.
void plain_names(OnnxGraph& graph) {
  std::set<std::string, std::less<>> taken;
  for (const OnnxNode& node : graph.nodes) taken.insert(node.outputs.begin(), node.outputs.end());
  for (const OnnxTensor& tensor : graph.initializers) taken.insert(tensor.name);
  for (const OnnxValueInfo& input : graph.inputs) taken.insert(input.name);
  NewNames names;
  for (const std::string& name : taken) {
    if (name.starts_with('/') && !taken.contains(name.substr(1))) names[name] = name.substr(1);
  }
  rename_values(graph, names);
  for (OnnxNode& node : graph.nodes) {
    if (node.name.starts_with('/')) node.name.erase(0, 1);
    if (node.name.empty()) node.name = node.op;
    node.source = {};
  }
}

}  // namespace

ReplacedWeights compare_backbone(const OnnxModel& model, ReadBackbone& backbone,
                                 const Checkpoint& checkpoint) {
  const View view(backbone.model);
  ReplacedWeights replaced{.keys = replaced_keys(model, checkpoint), .begin = {}};
  replaced.begin = begin_of_names(view, replaced.keys);
  std::vector<std::string> different;
  for (const std::string& key : replaced.keys) {
    if (!key.starts_with(replaced.begin)) continue;
    const Tensor& own = *checkpoint.find(key);
    const std::optional<Tensor> files = view.constant(key.substr(replaced.begin.size()));
    const std::string what = files ? difference(own, *files) : "";
    const bool moved = !checkpoint.left_out.empty() && (!files || !what.empty()) &&
                       has_numbers(backbone.model.graph, own);
    if (files || moved) ++replaced.compared;
    if (!what.empty() && !moved) different.push_back(fmt::format("{}: {}", printable(key), what));
  }
  if (!different.empty()) {
    refuse_other_numbers(std::move(different), backbone.known.file, checkpoint);
  }
  if (replaced.compared == 0 && !replaced.keys.empty()) {
    refuse_unnamed(replaced.keys.size(), backbone.known.file);
  }
  return replaced;
}

void splice_backbone(OnnxModel& model, OnnxModel backbone, const std::string& begin) {
  clean_up(backbone);
  plain_names(backbone.graph);
  View view(model);
  const auto place = std::ranges::find_if(
      view.nodes(), [](const OnnxNode* node) { return node->op == kBackboneNode; });
  if (place == view.nodes().end()) return;  // the build says what was wrong
  OnnxNode& node = **place;
  const std::vector<std::string> outputs =
      splice(view, node, std::move(backbone.graph), {node.input(0)}, begin);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    view.replace_readers(node.output(k), outputs[k]);
  }
  remove_dead(model);
  model.file = std::move(backbone.file);
}

}  // namespace tv2onnx
