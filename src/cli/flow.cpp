// tv2onnx predict MODEL.onnx INPUT..., of optical flow.

#include <fmt/format.h>

#include <filesystem>

#include "cli/answer.h"
#include "cli/detect_inputs.h"
#include "cli/detect_options.h"
#include "cli/frame_inputs.h"
#include "cli/listing.h"
#include "cli/paths.h"
#include "tv2onnx/estimate_flow.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

FlowReport estimate_all(const Flow& flow, const std::vector<FramePair>& pairs, FlowOptions options,
                        bool print, const Invocation& invocation) {
  const std::size_t first = path_width(pairs, 5, &FramePair::first);
  const std::size_t second = path_width(pairs, 6, &FramePair::second);
  Listing listing(pairs.size(), print, invocation);
  listing.row(fmt::format("{:<{}}  {:<{}}  {:>9}  {:>9}  {:>9}  {:>9}\n", "FIRST", first, "SECOND",
                          second, "MEAN", "LONGEST", "RIGHT", "DOWN"));
  options.control.progress = [&](const Step& step) { listing.begin(step.name); };
  options.estimated = [&](const EstimatedFlow& one) {
    listing.show(one, [&] {
      return fmt::format("{:<{}}  {:<{}}  {:6.2f} px  {:6.2f} px  {:6.2f} px  {:6.2f} px\n",
                         shown_path(one.pair.first), first, shown_path(one.pair.second), second,
                         one.mean, one.longest, one.right, one.down);
    });
  };
  FlowReport report = estimate_flow(flow, pairs, options);
  listing.end();
  return report;
}

}  // namespace

int run_flow(const DetectFlags& options, const Invocation& invocation) {
  require_file_name(options.folder, "-o", "drawn");
  require_file_name(options.flo, "--flo", "flow");
  const Pairs collected = collect_pairs(options.inputs, options.recursive);
  const Flow flow(options.model, options.session);
  FlowOptions core{.image = options.core.image, .overwrite = options.core.overwrite};
  std::vector<fs::path> firsts;
  for (const FramePair& pair : collected.pairs) firsts.push_back(pair.first);
  if (!options.folder.empty()) {
    core.pictures = plan_pictures(firsts, options.folder, core.overwrite, "_flow.png");
  }
  if (!options.flo.empty()) {
    core.flo_files = plan_pictures(firsts, options.flo, core.overwrite, ".flo");
  }
  require_other_file(options.json, "", core.pictures);
  require_other_file(options.json, "", core.flo_files);
  Answer json(options.json, core.overwrite);
  const FlowReport report = estimate_all(flow, collected.pairs, core, !json.wanted(), invocation);
  if (json.wanted()) json.write(to_json(report));
  return finished(report.failed(), collected.pairs.size(), "pairs", collected.problems);
}

}  // namespace tv2onnx::cli
