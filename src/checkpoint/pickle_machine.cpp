#include "checkpoint/pickle_machine.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "checkpoint/globals.h"
#include "checkpoint/pickle_calls.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

void PickleMachine::run() {
  try {
    while (!stopped_) step();
    tree_.root = pop();
  } catch (const Error& error) {
    // What the tree reports knows no place: it is that of the opcode.
    if (error.parts().where.offset) throw;
    ErrorParts parts = error.parts();
    parts.where.offset = opcode_offset_;
    throw Error(std::move(parts));
  }
}

void PickleMachine::damaged(std::string found) const {
  throw Error({.code = "P001",
               .found = std::move(found),
               .where = {.file = {}, .offset = opcode_offset_, .item = {}}});
}

void PickleMachine::push(NodeId id) {
  if (stack_.size() >= tree_.limits().stack) {
    throw Error({.code = "P002",
                 .found = fmt::format("more than {} objects are open at once", stack_.size())});
  }
  stack_.push_back(id);
}

void PickleMachine::push_int(std::int64_t value) {
  const NodeId id = tree_.add(NodeKind::kInt);
  tree_[id].integer = value;
  push(id);
}

void PickleMachine::push_bool(bool value) {
  const NodeId id = tree_.add(NodeKind::kBool);
  tree_[id].integer = value ? 1 : 0;
  push(id);
}

void PickleMachine::push_long(std::string_view little_endian) {
  if (little_endian.size() > sizeof(std::int64_t)) {
    push(tree_.add_text(NodeKind::kBigInt, little_endian));
    return;
  }
  const bool negative = !little_endian.empty() && (little_endian.back() & 0x80) != 0;
  std::int64_t value = negative ? -1 : 0;
  std::memcpy(&value, little_endian.data(), little_endian.size());
  push_int(value);
}

void PickleMachine::push_decimal(std::string_view digits) {
  // 00 and 01 are how protocol 0 writes False and True.
  if (digits == "00" || digits == "01") return push_bool(digits == "01");
  if (digits.ends_with('L')) digits.remove_suffix(1);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value);
  if (stop != end || digits.empty() || problem == std::errc::invalid_argument) {
    damaged("a number is malformed");
  }
  if (problem == std::errc{}) return push_int(value);
  push(tree_.add_text(NodeKind::kBigInt, digits));
}

void PickleMachine::push_float_text(std::string_view digits) {
  const NodeId id = tree_.add(NodeKind::kFloat);
  const char* end = digits.data() + digits.size();
  double value = 0;
  if (std::from_chars(digits.data(), end, value).ptr != end || digits.empty()) {
    damaged("a number is malformed");
  }
  tree_[id].real = value;
  push(id);
}

NodeId PickleMachine::top() const {
  // What lies below the innermost mark belongs to something that is not finished.
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("an operand is missing");
  return stack_.back();
}

NodeId PickleMachine::pop() {
  const NodeId id = top();
  stack_.pop_back();
  return id;
}

void PickleMachine::mark() {
  if (marks_.size() >= tree_.limits().marks) {
    throw Error(
        {.code = "P002", .found = fmt::format("objects are nested deeper than {}", marks_.size())});
  }
  marks_.push_back(stack_.size());
}

std::size_t PickleMachine::take_mark() {
  if (marks_.empty()) damaged("a mark is missing");
  const std::size_t position = marks_.back();
  marks_.pop_back();
  return position;
}

void PickleMachine::collect(NodeKind kind, std::size_t from) {
  const NodeId id = tree_.add(kind);
  for (std::size_t k = from; k < stack_.size(); ++k) tree_.append(id, stack_[k]);
  stack_.resize(from);
  push(id);
}

void PickleMachine::append_to(NodeId parent, std::size_t from) {
  const NodeKind kind = tree_[parent].kind;
  if (kind != NodeKind::kList && kind != NodeKind::kSet && kind != NodeKind::kObject) {
    damaged("elements are added to something that is not a list");
  }
  for (std::size_t k = from; k < stack_.size(); ++k) tree_.append(parent, stack_[k]);
  stack_.resize(from);
}

void PickleMachine::set_items(NodeId parent, std::size_t from) {
  const NodeKind kind = tree_[parent].kind;
  if (kind != NodeKind::kDict && kind != NodeKind::kObject) {
    damaged("members are added to something that is not a dict");
  }
  if ((stack_.size() - from) % 2 != 0) damaged("a key has no value");
  for (std::size_t k = from; k < stack_.size(); ++k) tree_.append(parent, stack_[k]);
  stack_.resize(from);
}

void PickleMachine::remember(std::uint64_t index) {
  if (index >= tree_.limits().nodes) {
    throw Error({.code = "P002", .found = fmt::format("memo index {}", index)});
  }
  const auto position = static_cast<std::size_t>(index);
  if (position >= memo_.size()) memo_.resize(position + 1, kNoNode);
  if (memo_[position] == kNoNode) ++memo_count_;
  memo_[position] = top();
}

void PickleMachine::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[static_cast<std::size_t>(index)] == kNoNode) {
    damaged(fmt::format("memo entry {} is used before it is made", index));
  }
  push(memo_[static_cast<std::size_t>(index)]);
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  if (is_attack_global(module, name)) {
    throw Error({.code = "P004",
                 .found = fmt::format("the pickle names {}.{}, which torch.load would run",
                                      printable(module), printable(name)),
                 .where = {.file = {}, .offset = opcode_offset_, .item = {}},
                 .expected = "weights and plain values only",
                 .hint = "do not load this file in Python; nothing in it was executed here"});
  }
  push(tree_.add_global(module, name, opcode_offset_));
}

void PickleMachine::call(NodeId callable, NodeId args) {
  if (!tree_.is(args, NodeKind::kTuple)) damaged("the arguments of a call are not a tuple");
  push(describe_call(tree_, callable, args));
}

void PickleMachine::build() {
  const NodeId state = pop();
  PickleNode& target = tree_[top()];
  if (target.kind != NodeKind::kObject && target.kind != NodeKind::kDict) {
    damaged("a state is given to something that has none");
  }
  target.state = state;
}

void PickleMachine::persistent(NodeId reference) {
  // torch before 1.6 saved classes with their source text: ("module", class, file, source), and
  // before 0.1.10 without the first word.
  const bool named = tree_.text_or_empty(tree_.at(reference, 0)) == "module";
  if (const NodeId type = tree_.at(reference, named ? 1 : 0); tree_.is(type, NodeKind::kGlobal)) {
    return push(type);
  }
  const NodeId id = tree_.add(NodeKind::kPersistent);
  tree_[id].args = reference;
  push(id);
}

}  // namespace tv2onnx
