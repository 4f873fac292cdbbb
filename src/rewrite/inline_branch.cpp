#include "rewrite/inline_branch.h"

#include <algorithm>
#include <map>
#include <string>

#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

/// New names: what the branch returns is called as what the If returns. Siblings may share names,
/// one graph may not.
NewNames names_for(View& view, const OnnxNode& node, const OnnxGraph& branch, Makers& makers) {
  std::map<std::string, std::size_t> own;
  for (const OnnxNode& inner : branch.nodes) {
    for (const std::string& output : inner.outputs) ++own[output];
  }
  NewNames names;
  for (const auto& [output, count] : own) {
    const auto all = makers.find(output);
    if (all == makers.end() || all->second <= count) continue;
    names[output] = view.fresh_name("doctor/" + output);
    all->second -= count;
  }
  for (std::size_t k = 0; k < node.outputs.size(); ++k) {
    names[branch.outputs[k].name] = node.output(k);
  }
  return names;
}

bool makes(const OnnxGraph& branch, const std::string& name) {
  return std::ranges::any_of(branch.nodes, [&](const OnnxNode& node) {
    return std::ranges::count(node.outputs, name) > 0;
  });
}

}  // namespace

Makers count_makers(const View& view) {
  Makers makers;
  for (const OnnxNode* node : view.nodes()) {
    for (const std::string& output : node->outputs) ++makers[output];
  }
  return makers;
}

void inline_branch(View& view, OnnxNode& node, OnnxGraph& branch, Makers& makers) {
  // What is returned as it comes from outside needs a node that gives it the new name.
  for (std::size_t k = 0; k < branch.outputs.size(); ++k) {
    if (makes(branch, branch.outputs[k].name)) continue;
    OnnxNode copy;
    copy.op = "Identity";
    copy.inputs = {branch.outputs[k].name};
    copy.outputs = {view.fresh_name("doctor/returned")};
    branch.outputs[k].name = copy.outputs[0];
    branch.nodes.push_back(std::move(copy));
  }
  rename_values(branch, names_for(view, node, branch, makers));
  OnnxGraph& around = view.graph_of(node);
  around.initializers.splice(around.initializers.end(), branch.initializers);
  const auto place = view.place_of(node);
  around.nodes.splice(place, branch.nodes);
  around.nodes.erase(place);
}

}  // namespace tv2onnx
