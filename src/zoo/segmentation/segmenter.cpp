#include "zoo/segmentation/segmenter.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "nn/computed_parts.h"
#include "nn/interpolate.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kBytes = 256;  // classes that uint8 can count

struct AuxiliarySettings {
  bool aux_loss = true;
};
void option_rows(OptionRows& row, AuxiliarySettings& settings) {
  row("aux_loss", kinds::kFlag, "",
      "whether a file whose weights have an auxiliary head gives its scores as aux, as torchvision "
      "does",
      settings.aux_loss);
}

bool wants_logits(const BuildOptions& options) {
  return output_mode(options, Task::kSegmentation) == OutputMode::kLogits;
}

/// The labels at the size of the photo, if it was resized in the graph.
Value at_photo_size(Value labels, const BuildOptions& options) {
  if (preprocess_of(options, Task::kSegmentation) != Preprocess::kFull) return labels;
  Graph& graph = *labels.graph;
  const Value photo = {&graph, graph.inputs().front()};
  const Value sizes =
      concat({size_of(labels, 0), ints(graph, {1}), pick(shape_of(photo), {1, 2}, 0)}, 0);
  return squeeze(resize_nearest(unsqueeze(labels, {1}), sizes), {1});
}

}  // namespace

Model segmenter(const SegmenterRow& row, std::vector<Option> more,
                void (*build)(Scope, const SegmenterRow&, const Config&, const BuildOptions&)) {
  return {.name = row.name,
          .description = row.description,
          .task = Task::kSegmentation,
          .options = joined({declare_options(PhotoSpec{.resize = {520}, .crop = {}}),
                             backbone_options(row), std::move(more)}),
          .build = [row, build](Scope s, const Config& config,
                                const BuildOptions& options) { build(s, row, config, options); },
          .outputs = {"labels"}};
}

std::vector<Option> auxiliary_options() {
  return declare_options(AuxiliarySettings{});
}

Value fcn_head(Scope s, Value x) {
  const Value y = conv_norm(s / 0, s / 1, x, {.kernel = 3}, kHeadNormEps);
  (s / 2).computes(ModuleKind::kReLU);
  computes_activation(s / 3, Activation::kNone);
  return conv2d(s / 4, relu(s, y), {});
}

void segmenter_output(const SegmenterMaps& maps, Value scores, const BuildOptions& options) {
  Graph& graph = *scores.graph;
  const std::int64_t classes = scores.dim(1).number();
  const Value logits = interpolated_like(scores, maps.input);
  if (wants_logits(options)) {
    return graph.add_output(logits, "logits", {"batch", classes, "height", "width"});
  }
  const DType type = classes <= kBytes ? DType::kUInt8 : DType::kInt32;
  const Value labels = cast(arg_max(logits, 1, false), type);
  graph.add_output(at_photo_size(labels, options), "labels", {"batch", "height", "width"});
}

void segmenter_outputs(Scope s, const SegmenterMaps& maps, Value scores, const Config& config,
                       const BuildOptions& options) {
  segmenter_output(maps, scores, options);
  const Scope head = s / "aux_classifier";
  if (!head.holds_tensors()) return;
  const bool wanted = read_options<AuxiliarySettings>(config).aux_loss && wants_logits(options);
  if (!wanted) return head.pass_over();
  const Value scores_too = fcn_head(head, maps.fine);
  s.graph().add_output(interpolated_like(scores_too, maps.input), "aux",
                       {"batch", scores_too.dim(1), "height", "width"});
}

void say_assumed(Scope s, const Config& config, std::string_view option) {
  if (config.origin(option) != "default" || s.in_whole_module()) return;
  s.assume(
      fmt::format("{} = {}, which a state dict does not store and torchvision's builders set "
                  "so; choose with {}",
                  option, to_json(config[option]), flag_of(option)));
}

}  // namespace tv2onnx
