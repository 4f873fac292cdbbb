#include "checkpoint/pickle.h"

#include <fmt/format.h>

#include "checkpoint/pickle_machine.h"
#include "checkpoint/pickle_opcodes.h"
#include "checkpoint/pickle_text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

bool PickleMachine::step_constant(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kProto: {
      const auto protocol = reader_.number<std::uint8_t>("the protocol");
      if (protocol > 5) damaged(fmt::format("pickle protocol {} is unknown", protocol));
      return true;
    }
    case opcode::kFrame:
      reader_.number<std::uint64_t>("a frame");
      return true;
    case opcode::kStop:
      stopped_ = true;
      return true;
    case opcode::kNone:
      push(tree_.add(NodeKind::kNone));
      return true;
    case opcode::kNewTrue:
      push_bool(true);
      return true;
    case opcode::kNewFalse:
      push_bool(false);
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_number(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kInt:
      push_decimal(reader_.line("an int"));
      return true;
    case opcode::kLong:
      push_decimal(reader_.line("a long"));
      return true;
    case opcode::kFloat:
      push_float_text(reader_.line("a float"));
      return true;
    case opcode::kBinInt:
      push_int(reader_.number<std::int32_t>("an int"));
      return true;
    case opcode::kBinInt1:
      push_int(reader_.number<std::uint8_t>("an int"));
      return true;
    case opcode::kBinInt2:
      push_int(reader_.number<std::uint16_t>("an int"));
      return true;
    case opcode::kLong1:
      push_long(reader_.text(reader_.number<std::uint8_t>("a long"), "a long"));
      return true;
    case opcode::kLong4:
      push_long(reader_.text(reader_.number<std::uint32_t>("a long"), "a long"));
      return true;
    case opcode::kBinFloat: {
      const auto bits = __builtin_bswap64(reader_.number<std::uint64_t>("a float"));
      const NodeId id = tree_.add(NodeKind::kFloat);
      tree_[id].real = std::bit_cast<double>(bits);
      push(id);
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::step_text(std::uint8_t opcode) {
  const auto view = [this](NodeKind kind, std::uint64_t length) {
    push(tree_.add_text(kind, reader_.text(length, "a string")));
  };
  const auto owned = [this](std::optional<std::string> text) {
    if (!text) damaged("a string literal is malformed");
    push(tree_.add_owned_text(NodeKind::kText, *std::move(text)));
  };
  switch (opcode) {
    case opcode::kString:
      owned(unquote(reader_.line("a string")));
      return true;
    case opcode::kUnicode:
      owned(decode_raw_unicode(reader_.line("a string")));
      return true;
    case opcode::kShortBinString:
    case opcode::kShortBinUnicode:
      view(NodeKind::kText, reader_.number<std::uint8_t>("a string"));
      return true;
    case opcode::kBinString:
    case opcode::kBinUnicode:
      view(NodeKind::kText, reader_.number<std::uint32_t>("a string"));
      return true;
    case opcode::kBinUnicode8:
      view(NodeKind::kText, reader_.number<std::uint64_t>("a string"));
      return true;
    case opcode::kShortBinBytes:
      view(NodeKind::kBytes, reader_.number<std::uint8_t>("bytes"));
      return true;
    case opcode::kBinBytes:
      view(NodeKind::kBytes, reader_.number<std::uint32_t>("bytes"));
      return true;
    case opcode::kBinBytes8:
    case opcode::kByteArray8:
      view(NodeKind::kBytes, reader_.number<std::uint64_t>("bytes"));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_container(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kEmptyTuple:
      push(tree_.add(NodeKind::kTuple));
      return true;
    case opcode::kEmptyList:
      push(tree_.add(NodeKind::kList));
      return true;
    case opcode::kEmptyDict:
      push(tree_.add(NodeKind::kDict));
      return true;
    case opcode::kEmptySet:
      push(tree_.add(NodeKind::kSet));
      return true;
    case opcode::kTuple1:
    case opcode::kTuple2:
    case opcode::kTuple3: {
      const std::size_t count = opcode - opcode::kTuple1 + 1U;
      const std::size_t floor = marks_.empty() ? 0 : marks_.back();
      if (stack_.size() < floor + count) damaged("a tuple has fewer elements than announced");
      collect(NodeKind::kTuple, stack_.size() - count);
      return true;
    }
    case opcode::kTuple:
      collect(NodeKind::kTuple, take_mark());
      return true;
    case opcode::kList:
      collect(NodeKind::kList, take_mark());
      return true;
    case opcode::kFrozenSet:
      collect(NodeKind::kSet, take_mark());
      return true;
    case opcode::kDict: {
      const std::size_t from = take_mark();
      const NodeId dict = tree_.add(NodeKind::kDict);
      set_items(dict, from);
      push(dict);
      return true;
    }
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
    default:
      return false;
  }
}

bool PickleMachine::step_stack(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kMark:
      mark();
      return true;
    case opcode::kPopMark:
      stack_.resize(take_mark());
      return true;
    case opcode::kDup:
      push(top());
      return true;
    case opcode::kPop:
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
      } else {
        pop();
      }
      return true;
    default:
      return false;
  }
}

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
        damaged("a global is named by something that is no string");
      }
      push_global(tree_.text(module), tree_.text(name));
      return true;
    }
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
    case opcode::kBuild:
      build();
      return true;
    case opcode::kPersId:
      persistent(tree_.add_text(NodeKind::kText, reader_.line("a reference")));
      return true;
    case opcode::kBinPersId:
      persistent(pop());
      return true;
    default:
      return false;
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
    case opcode::kPut:
      remember(decimal());
      return true;
    case opcode::kBinPut:
      remember(reader_.number<std::uint8_t>("a memo index"));
      return true;
    case opcode::kLongBinPut:
      remember(reader_.number<std::uint32_t>("a memo index"));
      return true;
    case opcode::kMemoize:
      remember(memo_count_);
      return true;
    case opcode::kGet:
      recall(decimal());
      return true;
    case opcode::kBinGet:
      recall(reader_.number<std::uint8_t>("a memo index"));
      return true;
    case opcode::kLongBinGet:
      recall(reader_.number<std::uint32_t>("a memo index"));
      return true;
    default:
      return false;
  }
}

void PickleMachine::step() {
  opcode_offset_ = reader_.file_offset();
  const auto opcode = reader_.number<std::uint8_t>("the pickle");
  if (step_constant(opcode) || step_number(opcode) || step_text(opcode) || step_memo(opcode) ||
      step_container(opcode) || step_stack(opcode) || step_object(opcode)) {
    return;
  }
  throw Error({.code = "P003",
               .found = fmt::format("pickle opcode 0x{:02x}", opcode),
               .expected = "an opcode that torch.save writes"});
}

PickleResult read_pickle(std::span<const std::byte> bytes, std::uint64_t offset,
                         const PickleLimits& limits) {
  PickleMachine machine(bytes, offset, limits);
  machine.run();
  const std::size_t length = machine.position();
  return {machine.take_tree(), length};
}

PickleTree next_pickle(ByteReader& reader, const PickleLimits& limits) {
  PickleResult result = read_pickle(reader.rest(), reader.file_offset(), limits);
  reader.take(result.bytes, "a pickle");
  return std::move(result.tree);
}

}  // namespace tv2onnx
