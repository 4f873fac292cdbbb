#include "zoo/optical_flow/raft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nn/computed_parts.h"
#include "nn/correlation.h"
#include "zoo/optical_flow/image_pair.h"
#include "zoo/optical_flow/raft_encoder.h"
#include "zoo/optical_flow/raft_update.h"
#include "zoo/photo_input.h"
#include "zoo/shared_options.h"

namespace tv2onnx {
namespace {

struct RaftRow {
  const char* name;
  const char* description;
  std::int64_t radius;  ///< of the lookup
  bool large;           ///< residual blocks, normalised context, a mask for upsampling
};
constexpr RaftRow kRaftLarge{"raft_large", "RAFT", 4, true};
constexpr RaftRow kRaftSmall{"raft_small", "RAFT, small", 3, false};
constexpr std::int64_t kLevels = 4;

struct FlowSettings {
  std::int64_t updates = 12;
};
void option_rows(OptionRows& row, FlowSettings& settings) {
  row("num_flow_updates", kinds::kCount, "",
      "how often the flow is refined, an argument of the call in torchvision", settings.updates);
}

/// The block is a module in some releases of torchvision, a plain object in others.
void computes_correlation(Scope s, std::int64_t radius) {
  if (s.stated("corr_block") != nullptr) {
    return s.computes(ModuleKind::kRaft,
                      {{"corr_block.num_levels", {kLevels}}, {"corr_block.radius", {radius}}});
  }
  s.computes(ModuleKind::kRaft);
  const Scope block = s / "corr_block";
  block.computes(ModuleKind::kCorrBlock, {{"num_levels", {kLevels}}, {"radius", {radius}}});
}

/// The maps of both images, as one batch.
std::array<Value, 2> maps_of(Scope s, const RaftRow& row, const ImagePair& images) {
  const Value both = raft_encoder(s, images.together, !row.large, EncoderNorm::kInstance, 0);
  return halves(both, 0);
}

void say_updates(Scope s, const Config& config, std::int64_t updates) {
  if (config.origin("num_flow_updates") != "default") return;
  s.assume(
      fmt::format("num_flow_updates = {}, an argument of the call that no checkpoint stores; "
                  "choose with --num-flow-updates",
                  updates));
}

void build_raft(Scope s, const RaftRow& row, const Config& config, const BuildOptions& options) {
  computes_correlation(s, row.radius);
  const std::int64_t updates = read_options<FlowSettings>(config).updates;
  say_updates(s, config, updates);
  const ImagePair images = image_pair(s / "feature_encoder" / "convnormrelu" / 0);
  const NameScope names(s.graph(), "raft");
  const auto [one, other] = maps_of(s / "feature_encoder", row, images);
  const CorrelationPyramid pyramid = correlation_pyramid(one, other, {kLevels, row.radius});
  const Value context = raft_encoder(s / "context_encoder", images.first, !row.large,
                                     row.large ? EncoderNorm::kBatch : EncoderNorm::kNone,
                                     row.large ? norm_eps(config) : 0);
  const Scope block = s / "update_block";
  const std::optional<Shape> gate = (block / "recurrent_block.convgru1.convz").shape("weight");
  const std::int64_t all = context.dim(1).number();
  // A damaged file may say anything.
  const std::int64_t stated = gate && !gate->empty() ? gate->front() : 1;
  const std::int64_t hidden = std::clamp<std::int64_t>(stated, 1, std::max<std::int64_t>(all, 1));
  const RaftUpdate update = raft_update(block, relu(slice_channels(context, hidden, all)), hidden);
  const auto [grid, zeros] = grid_and_zeros(one);
  RaftState state{tanh(slice_channels(context, 0, hidden)), zeros};
  std::vector<Value> flows;
  const bool all_flows = output_mode(options, Task::kFlow) == OutputMode::kAll;
  for (std::int64_t k = 0; k < updates; ++k) {
    state = updated(update, state, look_up(pyramid, grid + state.flow));
    if (all_flows || k + 1 == updates) flows.push_back(upsampled(s, row.large, state));
  }
  add_flows(flows, all_flows);
}

Model raft(const RaftRow& row) {
  std::vector<std::vector<Option>> rows{
      declare_options(PhotoSpec{.resize = {}, .crop = {}, .mean = {0.5}, .std = {0.5}})};
  if (row.large) rows.push_back(declare_options(NormSettings{}));
  rows.push_back(declare_options(FlowSettings{}));
  return {.name = row.name,
          .description = row.description,
          .task = Task::kFlow,
          .options = joined(std::move(rows)),
          .build = [row](Scope s, const Config& config,
                         const BuildOptions& options) { build_raft(s, row, config, options); },
          .outputs = {"flow"},
          .background = false};
}

}  // namespace

std::vector<Model> rafts() {
  return {raft(kRaftLarge), raft(kRaftSmall)};
}

}  // namespace tv2onnx
