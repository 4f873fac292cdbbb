#include "rewrite/inline_branch.h"

#include <algorithm>
#include <string>

#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

/// Values of this name outside the branch: siblings may share names, one graph may not.
bool is_made_elsewhere(const View& view, const OnnxGraph& branch, const std::string& name) {
  return std::ranges::any_of(view.nodes(), [&](const OnnxNode* node) {
    return &view.graph_of(*node) != &branch && std::ranges::count(node->outputs, name) > 0;
  });
}

/// New names: what the branch returns is called as what the If returns.
NewNames names_for(View& view, const OnnxNode& node, const OnnxGraph& branch) {
  NewNames names;
  for (const OnnxNode& inner : branch.nodes) {
    for (const std::string& output : inner.outputs) {
      if (is_made_elsewhere(view, branch, output))
        names[output] = view.fresh_name("doctor/" + output);
    }
  }
  for (std::size_t k = 0; k < node.outputs.size(); ++k) {
    names[branch.outputs[k].name] = node.outputs[k];
  }
  return names;
}

bool makes(const OnnxGraph& branch, const std::string& name) {
  return std::ranges::any_of(branch.nodes, [&](const OnnxNode& node) {
    return std::ranges::count(node.outputs, name) > 0;
  });
}

}  // namespace

void inline_branch(View& view, OnnxNode& node, OnnxGraph& branch) {
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
  rename_values(branch, names_for(view, node, branch));
  OnnxGraph& around = view.graph_of(node);
  around.initializers.splice(around.initializers.end(), branch.initializers);
  const auto place =
      std::ranges::find_if(around.nodes, [&](const OnnxNode& other) { return &other == &node; });
  around.nodes.splice(place, branch.nodes);
  around.nodes.erase(place);
}

}  // namespace tv2onnx
