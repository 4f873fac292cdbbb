#pragma once
// What a pickle describes, as plain nodes in an arena. Nodes refer to each other by index and may
// be shared, even in circles: whoever walks them bounds depth and amount (see plain.h).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tv2onnx {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

enum class NodeKind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kBigInt,  ///< beyond 64 bits; its digits or bytes as text
  kFloat,
  kText,
  kBytes,
  kTuple,
  kList,
  kDict,  ///< also OrderedDict and defaultdict; children are key, value, key, value, ...
  kSet,
  kGlobal,      ///< a class or function, never looked up
  kObject,      ///< what calling a global would have made
  kPersistent,  ///< a reference to something outside the pickle: a storage
};

struct PickleNode {
  NodeKind kind = NodeKind::kNone;
  std::uint32_t count = 0;        ///< number of children, or bytes of text
  std::uint32_t first = kNoNode;  ///< first child cell
  std::uint32_t last = kNoNode;   ///< last child cell
  NodeId args = kNoNode;          ///< object: arguments; persistent: the reference
  NodeId state = kNoNode;         ///< object, dict: what BUILD gave it
  union {                         // by kind; 32 bytes a node keep hostile files cheap
    std::int64_t integer = 0;     // kBool, kInt; kGlobal: index
    double real;                  // kFloat
    const char* text;             // kText, kBytes, kBigInt
    NodeId callable;              // kObject
  };
};

/// Bounds of one pickle. They grow with the file, so that reading costs at most about as much
/// memory as the file has bytes.
struct PickleLimits {
  std::size_t nodes;
  std::size_t cells;  ///< children in all
  std::size_t stack;
  std::size_t marks = 1000;    ///< nested open containers
  std::size_t globals = 5000;  ///< different ones
  std::size_t name = 1000;     ///< bytes of a global's name

  static PickleLimits for_file(std::uint64_t bytes);
};

struct PickleGlobal {
  std::string module;
  std::string name;
  std::uint64_t offset = 0;  ///< in the file, where it is first named
  std::size_t named = 0;
  std::size_t called = 0;
  std::string full() const { return module + "." + name; }
};

class PickleTree {
 public:
  explicit PickleTree(const PickleLimits& limits) : limits_(limits) {}

  const PickleLimits& limits() const { return limits_; }
  const PickleNode& operator[](NodeId id) const { return nodes_[id]; }
  PickleNode& operator[](NodeId id) { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }
  NodeId root = kNoNode;

  /// \throws Error P002 beyond the limits, as the other members that add something.
  NodeId add(NodeKind kind);
  NodeId add_text(NodeKind kind, std::string_view view);
  /// As add_text, of text that exists nowhere else.
  NodeId add_owned_text(NodeKind kind, std::string text);
  NodeId add_global(std::string_view module, std::string_view name, std::uint64_t offset);
  void append(NodeId parent, NodeId child);

  bool is(NodeId id, NodeKind kind) const { return id != kNoNode && nodes_[id].kind == kind; }
  std::string_view text(NodeId id) const { return {nodes_[id].text, nodes_[id].count}; }
  /// The text of a kText node, "" of others.
  std::string_view text_or_empty(NodeId id) const;
  PickleGlobal& global(NodeId id) { return globals_[index_of(id)]; }
  const PickleGlobal& global(NodeId id) const { return globals_[index_of(id)]; }
  const std::deque<PickleGlobal>& globals() const { return globals_; }
  /// "collections.OrderedDict": name of a global, or of the global that made an object, or "".
  std::string_view class_name(NodeId id) const;

  /// Calls visit(child) for the children of a node.
  template <typename Visit>
  void each(NodeId id, Visit visit) const {
    std::uint32_t left = nodes_[id].count;  // what is appended meanwhile does not count
    for (std::uint32_t cell = nodes_[id].first; left > 0; --left, cell = cells_[cell].next) {
      visit(cells_[cell].child);
    }
  }
  /// Calls visit(key, value) for the members of a dict, or of an object that has members.
  template <typename Visit>
  void each_member(NodeId id, Visit visit) const {
    NodeId key = kNoNode;
    each(id, [&](NodeId child) {
      if (key == kNoNode) {
        key = child;
      } else {
        visit(std::exchange(key, kNoNode), child);
      }
    });
  }
  /// Child `index` of a tuple or list, or kNoNode.
  NodeId at(NodeId id, std::size_t index) const;
  /// Value of a text key of a dict, or kNoNode.
  NodeId member(NodeId id, std::string_view key) const;

 private:
  struct Cell {
    NodeId child;
    std::uint32_t next;
  };
  std::size_t index_of(NodeId id) const { return static_cast<std::size_t>(nodes_[id].integer); }

  PickleLimits limits_;
  std::deque<PickleNode> nodes_;  // deques grow without moving: no second copy in memory
  std::deque<Cell> cells_;
  std::deque<std::string> owned_;
  std::deque<PickleGlobal> globals_;
  std::deque<std::string> global_names_;  ///< full names, same index
  std::unordered_map<std::string_view, std::size_t> global_index_;
};

}  // namespace tv2onnx
