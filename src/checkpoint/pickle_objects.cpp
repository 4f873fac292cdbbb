// Opcodes for globals, calls and the memo.

#include "checkpoint/pickle_machine.h"
#include "checkpoint/pickle_opcodes.h"

namespace tv2onnx {

bool PickleMachine::step_object(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kGlobal: {
      const std::string_view module = reader_.line("a global");
      push_global(module, reader_.line("a global"));
      return true;
    }
    case opcode::kStackGlobal: {
      const NodeId name = pop();
      const NodeId module = pop();
      if (!tree_.is(name, NodeKind::kText) || !tree_.is(module, NodeKind::kText)) {
        damaged("a global is named by something that is not a string");
      }
      push_global(tree_.text(module), tree_.text(name));
      return true;
    }
    case opcode::kPersId:
      persistent(tree_.add_text(NodeKind::kText, reader_.line("a reference")));
      return true;
    case opcode::kBinPersId: persistent(pop()); return true;
    default: return false;
  }
}

bool PickleMachine::step_call(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kInst: {
      const std::string_view module = reader_.line("a class");
      push_global(module, reader_.line("a class"));
      const NodeId callable = pop();
      collect(NodeKind::kTuple, take_mark());
      call(callable, pop());
      return true;
    }
    case opcode::kObj: {
      const std::size_t from = take_mark();
      if (from == stack_.size()) damaged("an object has no class");
      const NodeId callable = stack_[from];
      collect(NodeKind::kTuple, from + 1);
      const NodeId args = pop();
      pop();
      call(callable, args);
      return true;
    }
    case opcode::kNewObjEx:
      pop();  // keyword arguments of __new__; no class of torch or torchvision has any
      [[fallthrough]];
    case opcode::kReduce:
    case opcode::kNewObj: {
      const NodeId args = pop();
      call(pop(), args);
      return true;
    }
    case opcode::kBuild: build(); return true;
    default: return false;
  }
}

bool PickleMachine::step_memo(std::uint8_t opcode) {
  const auto decimal = [this] {
    const std::string_view digits = reader_.line("a memo index");
    std::uint64_t index = 0;
    for (const char digit : digits) {
      if (digit < '0' || digit > '9' || index > UINT32_MAX) damaged("a memo index is malformed");
      index = index * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return index;
  };
  switch (opcode) {
    case opcode::kPut: remember(decimal()); return true;
    case opcode::kBinPut: remember(reader_.number<std::uint8_t>("a memo index")); return true;
    case opcode::kLongBinPut: remember(reader_.number<std::uint32_t>("a memo index")); return true;
    case opcode::kMemoize: remember(memo_count_); return true;
    case opcode::kGet: recall(decimal()); return true;
    case opcode::kBinGet: recall(reader_.number<std::uint8_t>("a memo index")); return true;
    case opcode::kLongBinGet: recall(reader_.number<std::uint32_t>("a memo index")); return true;
    default: return false;
  }
}

}  // namespace tv2onnx
