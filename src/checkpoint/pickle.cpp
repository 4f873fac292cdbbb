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
    case opcode::kFrame: reader_.number<std::uint64_t>("a frame"); return true;
    case opcode::kStop: stopped_ = true; return true;
    case opcode::kNone: push(tree_.add(NodeKind::kNone)); return true;
    case opcode::kNewTrue: push_bool(true); return true;
    case opcode::kNewFalse: push_bool(false); return true;
    default: return false;
  }
}

bool PickleMachine::step_number(std::uint8_t opcode) {
  switch (opcode) {
    case opcode::kInt: push_decimal(reader_.line("an int")); return true;
    case opcode::kLong: push_decimal(reader_.line("a long")); return true;
    case opcode::kFloat: push_float_text(reader_.line("a float")); return true;
    case opcode::kBinInt: push_int(reader_.number<std::int32_t>("an int")); return true;
    case opcode::kBinInt1: push_int(reader_.number<std::uint8_t>("an int")); return true;
    case opcode::kBinInt2: push_int(reader_.number<std::uint16_t>("an int")); return true;
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
    default: return false;
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
    case opcode::kString: owned(unquote(reader_.line("a string"))); return true;
    case opcode::kUnicode: owned(decode_raw_unicode(reader_.line("a string"))); return true;
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
    default: return false;
  }
}

void PickleMachine::step() {
  opcode_offset_ = reader_.file_offset();
  const auto opcode = reader_.number<std::uint8_t>("the pickle");
  if (step_constant(opcode) || step_number(opcode) || step_text(opcode) || step_memo(opcode) ||
      step_container(opcode) || step_extend(opcode) || step_stack(opcode) || step_object(opcode) ||
      step_call(opcode)) {
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
