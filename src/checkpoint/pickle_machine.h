#pragma once
// State and steps of the pickle machine; pickle.cpp runs it.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "checkpoint/pickle_tree.h"

namespace tv2onnx {

class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, std::uint64_t offset, const PickleLimits& limits)
      : reader_(bytes, offset, "P001"), opcode_offset_(offset), tree_(limits) {}

  /// Runs to STOP; the tree's root is set.
  void run();
  PickleTree take_tree() { return std::move(tree_); }
  std::size_t position() const { return reader_.position(); }

 private:
  // Each handles the opcodes of its group and returns false for others.
  bool step_constant(std::uint8_t opcode);
  bool step_number(std::uint8_t opcode);
  bool step_text(std::uint8_t opcode);
  bool step_container(std::uint8_t opcode);
  bool step_extend(std::uint8_t opcode);
  bool step_stack(std::uint8_t opcode);
  bool step_memo(std::uint8_t opcode);
  bool step_object(std::uint8_t opcode);
  bool step_call(std::uint8_t opcode);
  void step();

  [[noreturn]] void damaged(std::string found) const;
  void push(NodeId id);
  void push_int(std::int64_t value);
  void push_long(std::string_view little_endian);
  void push_decimal(std::string_view digits);
  void push_float_text(std::string_view digits);
  void push_bool(bool value);
  NodeId pop();
  NodeId top() const;
  void mark();
  /// Removes the innermost mark; what was pushed since stays, from the returned position on.
  std::size_t take_mark();
  /// A container of what was pushed since position `from`, which is removed.
  void collect(NodeKind kind, std::size_t from);
  void append_to(NodeId parent, std::size_t from);
  void set_items(NodeId parent, std::size_t from);
  void remember(std::uint64_t index);
  void recall(std::uint64_t index);
  void push_global(std::string_view module, std::string_view name);
  void call(NodeId callable, NodeId args);
  void build();
  void persistent(NodeId reference);

  ByteReader reader_;
  std::uint64_t opcode_offset_;
  PickleTree tree_;
  std::vector<NodeId> stack_;
  std::vector<std::size_t> marks_;
  std::vector<NodeId> memo_;
  std::size_t memo_count_ = 0;
  bool stopped_ = false;
};

}  // namespace tv2onnx
