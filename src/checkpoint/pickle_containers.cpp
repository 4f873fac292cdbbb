// Opcodes that build containers and move things on the stack.

#include "checkpoint/pickle_machine.h"
#include "checkpoint/pickle_opcodes.h"

namespace tv2onnx {

bool PickleMachine::step_container(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kEmptyTuple: push(tree_.add(NodeKind::kTuple)); return true;
    case opcode::kEmptyList: push(tree_.add(NodeKind::kList)); return true;
    case opcode::kEmptyDict: push(tree_.add(NodeKind::kDict)); return true;
    case opcode::kEmptySet: push(tree_.add(NodeKind::kSet)); return true;
    case opcode::kTuple1:
    case opcode::kTuple2:
    case opcode::kTuple3: {
      const std::size_t count = opcode - opcode::kTuple1 + 1U;
      const std::size_t floor = marks_.empty() ? 0 : marks_.back();
      if (stack_.size() < floor + count) damaged("a tuple has fewer elements than announced");
      collect(NodeKind::kTuple, stack_.size() - count);
      return true;
    }
    case opcode::kTuple: collect(NodeKind::kTuple, take_mark()); return true;
    case opcode::kList: collect(NodeKind::kList, take_mark()); return true;
    case opcode::kFrozenSet: collect(NodeKind::kSet, take_mark()); return true;
    case opcode::kDict: {
      const std::size_t from = take_mark();
      const NodeId dict = tree_.add(NodeKind::kDict);
      set_items(dict, from);
      push(dict);
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::step_extend(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kAppend: {
      const NodeId item = pop();
      const NodeId parent = top();
      push(item);
      append_to(parent, stack_.size() - 1);
      return true;
    }
    case opcode::kAppends:
    case opcode::kAddItems: {
      const std::size_t from = take_mark();
      if (from == 0) damaged("elements are added to nothing");
      append_to(stack_[from - 1], from);
      return true;
    }
    case opcode::kSetItem: {
      const NodeId value = pop();
      const NodeId key = pop();
      const NodeId parent = top();
      push(key);
      push(value);
      set_items(parent, stack_.size() - 2);
      return true;
    }
    case opcode::kSetItems: {
      const std::size_t from = take_mark();
      if (from == 0) damaged("members are added to nothing");
      set_items(stack_[from - 1], from);
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::step_stack(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kMark: mark(); return true;
    case opcode::kPopMark: stack_.resize(take_mark()); return true;
    case opcode::kDup: push(top()); return true;
    case opcode::kPop:
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
      } else {
        pop();
      }
      return true;
    default: return false;
  }
}

}  // namespace tv2onnx
