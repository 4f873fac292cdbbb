#include "rewrite/clean_up.h"

#include <map>
#include <tuple>

#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kWorthMerging = 1024;  // bytes of a constant

/// Outputs of graphs need their names, so what makes them stays.
std::vector<OnnxNode*> find_identities(const View& view) {
  std::vector<OnnxNode*> found;
  for (OnnxNode* node : view.nodes()) {
    if (node->op == "Identity" && node->outputs.size() == 1 && !node->input(0).empty() &&
        !view.is_output(node->output(0))) {
      found.push_back(node);
    }
  }
  return found;
}

std::vector<Debris::Copy> find_copies(const View& view) {
  using Key = std::tuple<std::int64_t, Shape, std::string_view>;
  std::map<Key, const OnnxTensor*> seen;
  std::vector<Debris::Copy> found;
  for (const OnnxTensor& tensor : view.model().graph.initializers) {
    if (tensor.bytes.size() < kWorthMerging) continue;
    const std::string_view bytes{reinterpret_cast<const char*>(tensor.bytes.data()),
                                 tensor.bytes.size()};
    const auto [first, is_new] = seen.emplace(Key{tensor.data_type, tensor.dims, bytes}, &tensor);
    if (!is_new) found.push_back({&tensor, first->second});
  }
  return found;
}

}  // namespace

Debris find_debris(const View& view) {
  const OnnxGraph& graph = view.model().graph;
  const std::unordered_set<std::string_view> needed = needed_values(graph);
  Debris debris;
  for (const OnnxNode& node : graph.nodes) {
    if (!is_needed(node, needed)) debris.nodes.push_back(&node);
  }
  for (const OnnxTensor& tensor : graph.initializers) {
    if (needed.contains(tensor.name)) continue;
    debris.tensors.push_back(&tensor);
    debris.bytes += tensor.bytes.size();
  }
  debris.identities = find_identities(view);
  debris.copies = find_copies(view);
  for (const Debris::Copy& copy : debris.copies) debris.bytes += copy.tensor->bytes.size();
  return debris;
}

void clean_up(OnnxModel& model) {
  View view(model);
  // In the order of the file, so that a chain of identities ends at its beginning.
  for (const OnnxNode* node : find_identities(view)) {
    view.replace_readers(node->output(0), node->input(0));
  }
  for (const Debris::Copy& copy : find_copies(view)) {
    view.replace_readers(copy.tensor->name, copy.first->name);
  }
  remove_dead(model);
}

}  // namespace tv2onnx
