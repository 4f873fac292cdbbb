#include "doctor/rebuild/rebuild_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/output_file.h"
#include "doctor/rebuild/comparison.h"
#include "doctor/rebuild/foreign_form.h"
#include "doctor/rebuild/network_equality.h"
#include "doctor/rule.h"
#include "export/build_model.h"
#include "onnx/write.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

using Overrides = std::vector<ExportOptions::Override>;

Overrides joined(Overrides first, const Overrides& second) {
  std::ranges::copy(second, std::back_inserter(first));
  return first;
}

/// As the original is, whatever the user wants otherwise.
ExportOptions same_form(const ExportOptions& core, const ForeignForm& form) {
  ExportOptions same = core;
  same.build = {.preprocess = form.preprocess};
  same.build.outputs = form.outputs;
  same.overrides = joined(core.overrides, form.settings);
  same.class_names.clear();
  same.write.overwrite = true;
  return same;
}

/// As the user wants it, and where he says nothing as the original is.
ExportOptions wanted_form(const ExportOptions& core, const ForeignForm& form) {
  ExportOptions wanted = core;
  if (!wanted.build.preprocess) wanted.build.preprocess = form.preprocess;
  if (!wanted.build.outputs) wanted.build.outputs = form.outputs;
  wanted.overrides = joined(form.settings, core.overrides);
  return wanted;
}

/// The traced image decided something that other sizes need otherwise.
bool is_bound_to_size(OnnxModel& model, const std::string& file) {
  const Diagnosis diagnosis = examine(model, file);
  return std::ranges::any_of(diagnosis.findings, [](const Finding& finding) {
    return finding.code == "D03" && finding.damage == Damage::kWrong;
  });
}

/// Networks that are built for one size, where the file's is another than the usual one.
void take_size(const OnnxModel& built, const OnnxModel& foreign, ExportOptions& same,
               ExportOptions& wanted) {
  const auto side = [](const OnnxModel& model, std::size_t from_end) -> std::int64_t {
    const auto& dims = model.graph.inputs.front().dims;
    return dims && dims->size() == 4 ? (*dims)[dims->size() - from_end].value : -1;
  };
  const DetectionBuild size{.size = {{side(foreign, 2), side(foreign, 1)}}};
  const bool fixed = side(built, 1) > 0 && side(foreign, 1) > 0 && side(foreign, 2) > 0;
  if (!fixed || side(built, 1) == side(foreign, 1)) return;
  same.build.detection = size;
  if (!wanted.build.detection.size) wanted.build.detection = size;
}

void require_same_count(std::string_view what, std::size_t foreign, std::size_t rebuilt) {
  if (foreign == rebuilt) return;
  throw Error({.code = "D112",
               .found = fmt::format("the original has {} {}, the rebuilt file would have {}",
                                    foreign, what, rebuilt),
               .hint = "export from the checkpoint with tv2onnx export"});
}

/// Flows one by one, as torch gives them, in the place of all in one.
OnnxModel with_single_flows(OnnxModel model) {
  const View view(model);
  const OnnxNode* all = view.producer("flows", "Concat");
  if (all == nullptr) return model;
  const OnnxValueInfo flow = model.graph.outputs.front();
  model.graph.outputs.clear();
  for (const std::string& input : all->inputs) {
    OnnxValueInfo& one = model.graph.outputs.emplace_back(flow);
    one.name = view.producer(input, "Unsqueeze")->input(0);
  }
  return model;
}

/// Runs the original, or a copy in which what a local repair mends is mended.
NetworkEquality compared(const ForeignNetwork& network, const BuiltModel& same,
                         const std::filesystem::path& scratch, const ExportOptions& core) {
  const bool bound = is_bound_to_size(network.model, network.file.string());
  const ComparableFile file(network.file, scratch,
                            {.torchvision = core.build.torchvision, .score_threshold = {}});
  const Session foreign(file.path(), {});
  write_onnx(with_single_flows(same.model), scratch, {.overwrite = true});
  const Session rebuilt(scratch, {});
  require_same_count("inputs", foreign.inputs().size(), rebuilt.inputs().size());
  require_same_count("outputs", foreign.outputs().size(), rebuilt.outputs().size());
  return require_equal_networks(&foreign, rebuilt, bound, core.control);
}

}  // namespace

void refuse_unproven(const std::vector<ProofRow>& rows, std::vector<std::string> details) {
  for (const ProofRow& row : rows) {
    details.push_back(fmt::format("  {}: {}", row.input, row.before));
  }
  throw Error({.code = "D112",
               .found = kNotCompared,
               .details = std::move(details),
               .hint = "--unproven writes the rebuilt file all the same"});
}

Rebuilt rebuild_network(const ForeignNetwork& network, const std::filesystem::path& out,
                        const RebuildOptions& options) {
  const ForeignForm form = form_of(View(network.model), network.row);
  ExportOptions same = same_form(options.core, form);
  ExportOptions wanted = wanted_form(options.core, form);
  OutputFile scratch(out, options.core.write.overwrite);  // fails early, and is removed at the end
  BuiltModel as_it_was = build_model(network.checkpoint, same);
  take_size(as_it_was.model, network.model, same, wanted);
  if (same.build.detection.size) as_it_was = build_model(network.checkpoint, same);
  BuiltModel built = build_model(network.checkpoint, wanted);

  Rebuilt rebuilt;
  rebuilt.exported = std::move(built.report);
  rebuilt.kept = form.notes;
  std::vector<std::string> failures;
  std::size_t count = 0;
  try {
    NetworkEquality equality = compared(network, as_it_was, scratch.temporary(), options.core);
    rebuilt.proof = std::move(equality.rows);
    count = equality.compared;
  } catch (const Error& error) {
    if (error.code() != "R002" && error.code() != "R005") throw;
    failures.push_back("  " + error.parts().found);
  }
  if (count == 0 && !options.unproven) refuse_unproven(rebuilt.proof, std::move(failures));
  if (count == 0) rebuilt.doubt = kNotCompared;
  rebuilt.exported.written = write_onnx(built.model, out, options.core.write);
  return rebuilt;
}

}  // namespace tv2onnx::doctor
