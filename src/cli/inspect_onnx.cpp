// What tv2onnx inspect says about an ONNX file.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

#include "base/stable_sort.h"
#include "base/text.h"
#include "cli/inspect.h"
#include "cli/print.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::cli {
namespace {

std::string opset_text(const OnnxSummary& summary) {
  std::vector<std::string> opsets;
  for (const auto& [domain, version] : summary.opsets) {
    opsets.push_back(domain.empty() ? fmt::format("opset {}", version)
                                    : fmt::format("{} {}", printable(domain, 40), version));
  }
  return fmt::format("{}", fmt::join(opsets, ", "));
}

void print_values(std::string_view heading, const std::vector<OnnxValue>& values) {
  std::vector<std::vector<std::string>> rows{{std::string(heading), "TYPE", "SHAPE"}};
  for (const OnnxValue& value : values) {
    std::vector<std::string> dims;
    for (const std::string& dim : value.dims) dims.push_back(printable(dim, 40));
    rows.push_back({printable(value.name), value.type, fmt::format("[{}]", fmt::join(dims, ","))});
  }
  print_answer("{}", table_text(rows));
}

/// The commonest operators first.
std::vector<std::pair<std::string, std::size_t>> by_count(const OnnxSummary& summary) {
  std::vector<std::pair<std::string, std::size_t>> operators(summary.operators.begin(),
                                                             summary.operators.end());
  sort_stably(operators, std::greater{}, [](const auto& entry) { return entry.second; });
  return operators;
}

void print_operators(const OnnxSummary& summary) {
  std::size_t nodes = 0;
  std::vector<std::string> operators;
  for (const auto& [name, count] : by_count(summary)) {
    nodes += count;
    operators.push_back(fmt::format("{} {}", count, printable(name, 40)));
  }
  print_answer("nodes     {}: {}\n", nodes, fmt::join(operators, ", "));
}

}  // namespace

void show_onnx(const OnnxSummary& summary, const InspectOptions& options) {
  if (options.json) {
    print_answer("{}", to_json(summary, options.file, options.tensors));
    return;
  }
  print_answer("{}  {}  ONNX, IR version {}, {}, written by {}\n", printable(options.file),
               size_text(summary.file_size), summary.ir_version, opset_text(summary),
               summary.producer.empty() ? "an unnamed tool" : printable(summary.producer));
  if (!summary.graph_name.empty()) print_answer("graph     {}\n", printable(summary.graph_name));
  print_operators(summary);
  print_answer("weights   {} initialisers\n\n", summary.initializers.size());
  print_values("INPUT", summary.inputs);
  print_values("OUTPUT", summary.outputs);
  if (!summary.metadata.empty()) print_answer("\nMETADATA\n");
  for (const auto& [key, value] : summary.metadata) {
    print_answer("{}: {}\n", printable(key), printable(value, 400));
  }
  if (options.tensors) {
    print_answer("\n");
    print_values("INITIALISER", summary.initializers);
  }
  const bool detector = task_of_file(options.file) == Task::kDetection;
  print_answer("\nnext      tv2onnx doctor {}{}\n", shell_quoted(options.file),
               detector ? " --run" : "");
}

}  // namespace tv2onnx::cli
