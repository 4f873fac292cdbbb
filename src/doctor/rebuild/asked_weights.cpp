#include "doctor/rebuild/asked_weights.h"

#include <algorithm>

#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

/// A source that writes down which tensors are asked for, and in what order.
class Recorder {
 public:
  Recorder(const KnownWeights& known, const LoadReport& report) : known_(known), report_(report) {
    for (const auto& [key, tensor] : known) source_.keys.push_back(key);
    source_.find = [this](std::string_view key) { return find(key); };
    source_.module = [](std::string_view) { return nullptr; };
    source_.children = [](std::string_view) { return std::vector<std::string>(); };
  }
  const WeightSource& source() const { return source_; }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  const Tensor* find(std::string_view key) {
    std::string name(key);
    // Layers also look what there is; what they want is in the report by now.
    if (report_.used.contains(name) && seen_.insert(name).second) keys_.push_back(name);
    const auto found = known_.find(key);
    return found != known_.end() ? &found->second : nullptr;
  }

  const KnownWeights& known_;
  const LoadReport& report_;
  WeightSource source_;
  std::vector<std::string> keys_;
  std::unordered_set<std::string> seen_;
};

bool build(const Model& row, const WeightSource& source, LoadReport& report) {
  Graph graph(kDefaultOpset);
  BuildOptions network{.preprocess = Preprocess::kNone};
  // With the auxiliary head, which labels do not need.
  if (row.task == Task::kSegmentation) network.outputs = OutputMode::kLogits;
  try {
    row.build(Scope(graph, source, report), Config(row.options), network);
  } catch (const Error&) {
    return false;  // weights of another row
  }
  return std::ranges::none_of(report.problems,
                              [](const auto& one) { return one.found.has_value(); });
}

AskedModule& module_at(std::vector<AskedModule>& modules, const std::string& path) {
  const auto found = std::ranges::find(modules, path, &AskedModule::path);
  return found != modules.end() ? *found : modules.emplace_back(AskedModule{path, {}});
}

}  // namespace

std::string AskedModule::key(const AskedWeight& weight) const {
  return path.empty() ? weight.leaf : path + "." + weight.leaf;
}

const AskedWeight* AskedModule::find(std::string_view leaf) const {
  const auto found = std::ranges::find(weights, leaf, &AskedWeight::leaf);
  return found != weights.end() ? &*found : nullptr;
}

bool AskedModule::misses() const {
  return std::ranges::any_of(weights, &AskedWeight::missing);
}

bool AskedWeights::complete() const {
  return std::ranges::none_of(modules, &AskedModule::misses);
}

bool AskedWeights::has(std::string_view key) const {
  return std::ranges::any_of(modules, [&](const AskedModule& module) {
    return std::ranges::any_of(
        module.weights, [&](const AskedWeight& weight) { return module.key(weight) == key; });
  });
}

AskedWeights asked_by(const Model& row, const KnownWeights& known) {
  LoadReport report;
  const Recorder recorder(known, report);
  AskedWeights asked{build(row, recorder.source(), report), {}};
  if (!asked.fits) return asked;
  std::map<std::string_view, const Shape*> missing;
  for (const auto& problem : report.problems) missing.emplace(problem.key, &problem.expected);
  for (const std::string& key : recorder.keys()) {
    const std::size_t dot = key.rfind('.');
    const std::string path = dot == std::string::npos ? "" : key.substr(0, dot);
    const auto lacks = missing.find(key);
    const bool misses = lacks != missing.end();
    module_at(asked.modules, path)
        .weights.push_back(
            {key.substr(path.empty() ? 0 : dot + 1), misses ? *lacks->second : Shape{}, misses});
  }
  return asked;
}

}  // namespace tv2onnx::doctor
