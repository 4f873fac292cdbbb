// tv2onnx predict MODEL.onnx INPUT..., of optical flow.

#include <fmt/format.h>

#include <algorithm>
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

std::string shown(const fs::path& file) {
  return shown_path(file.string());
}

/// Widths of the first two columns.
struct Widths {
  std::size_t first = 5;
  std::size_t second = 6;
};

FlowReport estimate_all(const Flow& flow, const std::vector<FramePair>& pairs, FlowOptions options,
                        bool print, const Invocation& invocation) {
  Widths widths;
  for (const FramePair& pair : pairs) {
    widths.first = std::max(widths.first, shown(pair.first).size());
    widths.second = std::max(widths.second, shown(pair.second).size());
  }
  Listing listing(pairs.size(), print, invocation);
  listing.row(fmt::format("{:<{}}  {:<{}}  {:>9}  {:>9}  {:>9}  {:>9}\n", "FIRST", widths.first,
                          "SECOND", widths.second, "MEAN", "LONGEST", "RIGHT", "DOWN"));
  options.control.progress = [&](const Step& step) { listing.begin(step.name); };
  options.estimated = [&](const EstimatedFlow& one) {
    if (one.error) return listing.failure(error_line(one), *one.error);
    listing.row(fmt::format("{:<{}}  {:<{}}  {:6.2f} px  {:6.2f} px  {:6.2f} px  {:6.2f} px\n",
                            shown(one.pair.first), widths.first, shown(one.pair.second),
                            widths.second, one.mean, one.longest, one.right, one.down));
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
