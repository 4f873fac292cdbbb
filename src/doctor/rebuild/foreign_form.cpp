#include "doctor/rebuild/foreign_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "contract/class_output.h"
#include "contract/image_input.h"
#include "doctor/classifier.h"
#include "doctor/rebuild/constants.h"
#include "doctor/rebuild/recover.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

constexpr const char* kOrigin = "the file's graph";

bool has(const Model& model, std::string_view option) {
  return std::ranges::find(model.options, option, &Option::name) != model.options.end();
}

bool has_node(const std::vector<OnnxNode*>& nodes, std::string_view op) {
  return std::ranges::find(nodes, op, &OnnxNode::op) != nodes.end();
}

SettingList rounded(const std::vector<double>& values) {
  SettingList list;
  for (const double value : values) list.push_back({shortest(static_cast<float>(value))});
  return list;
}

[[noreturn]] void refuse(const std::vector<OnnxNode*>& nodes) {
  std::vector<std::string> details;
  for (const OnnxNode* node : nodes) details.push_back("  " + node->label());
  throw Error(
      {.code = "D110",
       .found = "the file prepares its images in a way that no export of tv2onnx has",
       .details = std::move(details),
       .hint = fmt::format("{}, which can prepare photos: --preprocess full", kFromCheckpoint)});
}

/// (pixels - mean) / deviation, of floats of 0..1.
void take_normalisation(const View& view, const std::vector<OnnxNode*>& first, ForeignForm& form) {
  static const std::set<std::string_view> arithmetic{"Add", "Sub", "Mul", "Div", "Identity"};
  const auto input = find_image_input(view);
  const bool plain = std::ranges::all_of(
      first, [&](const OnnxNode* node) { return arithmetic.contains(node->op); });
  if (!plain || !input || !input->normalises || input->range != PixelRange::kUnit ||
      input->layout != Layout::kPlanes || input->bytes()) {
    refuse(first);
  }
  form.preprocess = Preprocess::kNormalize;
  form.settings.push_back({"mean", {rounded(input->mean)}, kOrigin});
  form.settings.push_back({"std", {rounded(input->deviation)}, kOrigin});
  form.notes.push_back(
      "the file normalises its images, so the new one does, too (--preprocess "
      "normalize); --preprocess full also resizes and crops photos");
}

void take_preparation(const View& view, const Model& model, ForeignForm& form) {
  std::vector<OnnxNode*> first = before_first_layer(view);
  std::erase_if(first, [](const OnnxNode* node) { return node->op == "Identity"; });
  // GoogLeNet and Inception can change one normalisation into another: each channel for itself.
  if (has(model, "transform_input")) {
    const bool transforms = has_node(first, "Concat") && has_node(first, "Gather");
    form.settings.push_back({"transform_input", {transforms}, kOrigin});
    if (transforms) first.clear();
  }
  if (!first.empty()) return take_normalisation(view, first, form);
  form.preprocess = Preprocess::kNone;
  form.notes.push_back(
      "the file takes images that its caller has normalised, so the new one does, "
      "too (--preprocess none); --preprocess full takes photos of any size");
}

/// RAFT repeats its last layers for each update of the flow: how often the same weights are read.
std::int64_t most_readers_of_one_weight(const View& view) {
  std::map<std::string_view, std::int64_t> readers;
  std::int64_t most = 1;
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "Conv" || node->inputs.size() < 2) continue;
    most = std::max(most, ++readers[node->input(1)]);
  }
  return most;
}

/// torch gives the flow after each update, and who traces RAFT may give them all, too.
void take_updates(const View& view, ForeignForm& form) {
  const std::int64_t updates = most_readers_of_one_weight(view);
  form.settings.push_back({"num_flow_updates", {updates}, kOrigin});
  const std::size_t outputs = view.model().graph.outputs.size();
  if (outputs < 2 || std::cmp_not_equal(outputs, updates)) return;
  form.outputs = OutputMode::kAll;
  form.notes.push_back(
      fmt::format("the file gives the flow after each of its {} updates, the new one the last as "
                  "flow and all in one as flows (--outputs all); --outputs flow gives the last",
                  updates));
}

}  // namespace

ForeignForm form_of(const View& view, const Model& model) {
  ForeignForm form;
  const bool images = model.task == Task::kClassification || model.task == Task::kSegmentation;
  if (images) take_preparation(view, model, form);
  if (has(model, "quantizable")) {
    form.settings.push_back({"quantizable", {!has_node(view.nodes(), "Clip")}, kOrigin});
  }
  switch (model.task) {
    case Task::kClassification:
    case Task::kVideo: form.outputs = find_class_output(view); break;
    case Task::kSegmentation: form.outputs = OutputMode::kLogits; break;
    case Task::kFlow: take_updates(view, form); break;
    case Task::kDetection: break;
  }
  return form;
}

}  // namespace tv2onnx::doctor
