#include "checkpoint/pickle_tree.h"

#include <fmt/format.h>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

void require_below(std::size_t count, std::size_t limit, std::string_view what) {
  if (count < limit) return;
  throw Error(
      {.code = "P002", .found = fmt::format("the pickle has more than {} {}", limit, what)});
}

}  // namespace

PickleLimits PickleLimits::for_file(std::uint64_t bytes) {
  const auto share = static_cast<std::size_t>(bytes / 64);
  return {.nodes = 300'000 + share, .cells = 600'000 + share, .stack = 300'000 + share / 4};
}

NodeId PickleTree::add(NodeKind kind) {
  require_below(nodes_.size(), limits_.nodes, "objects");
  nodes_.emplace_back().kind = kind;
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId PickleTree::add_text(NodeKind kind, std::string_view view) {
  require_below(view.size(), UINT32_MAX, "bytes in one string");
  const NodeId id = add(kind);
  nodes_[id].count = static_cast<std::uint32_t>(view.size());
  nodes_[id].text = view.data();
  return id;
}

NodeId PickleTree::add_owned_text(NodeKind kind, std::string text) {
  return add_text(kind, owned_.emplace_back(std::move(text)));
}

NodeId PickleTree::add_global(std::string_view module, std::string_view name,
                              std::uint64_t offset) {
  require_below(module.size() + name.size(), limits_.name, "bytes in the name of a global");
  std::string full = fmt::format("{}.{}", module, name);
  auto found = global_index_.find(full);
  if (found == global_index_.end()) {
    require_below(globals_.size(), limits_.globals, "globals");
    globals_.push_back({std::string(module), std::string(name), offset});
    global_names_.push_back(std::move(full));
    found = global_index_.emplace(global_names_.back(), globals_.size() - 1).first;
  }
  const NodeId id = add(NodeKind::kGlobal);
  nodes_[id].integer = static_cast<std::int64_t>(found->second);
  ++globals_[found->second].named;
  return id;
}

void PickleTree::append(NodeId parent, NodeId child) {
  require_below(cells_.size(), limits_.cells, "elements in all");
  const auto cell = static_cast<std::uint32_t>(cells_.size());
  cells_.push_back({child, kNoNode});
  PickleNode& node = nodes_[parent];
  if (node.count++ == 0) {
    node.first = cell;
  } else {
    cells_[node.last].next = cell;
  }
  node.last = cell;
}

std::string_view PickleTree::text_or_empty(NodeId id) const {
  return is(id, NodeKind::kText) ? text(id) : std::string_view{};
}

std::string_view PickleTree::class_name(NodeId id) const {
  if (is(id, NodeKind::kObject)) id = nodes_[id].callable;
  return is(id, NodeKind::kGlobal) ? std::string_view(global_names_[index_of(id)])
                                   : std::string_view{};
}

NodeId PickleTree::at(NodeId id, std::size_t index) const {
  if (!is(id, NodeKind::kTuple) && !is(id, NodeKind::kList)) return kNoNode;
  if (index >= nodes_[id].count) return kNoNode;
  std::uint32_t cell = nodes_[id].first;
  while (index-- > 0) cell = cells_[cell].next;
  return cells_[cell].child;
}

NodeId PickleTree::member(NodeId id, std::string_view key) const {
  if (!is(id, NodeKind::kDict)) return kNoNode;
  NodeId found = kNoNode;
  each_member(id, [&](NodeId name, NodeId value) {
    if (found == kNoNode && is(name, NodeKind::kText) && text(name) == key) found = value;
  });
  return found;
}

}  // namespace tv2onnx
