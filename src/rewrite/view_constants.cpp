// What a view knows of constants: tensors, and integers that nodes put together of them.

#include <unordered_set>
#include <utility>

#include "rewrite/view.h"

namespace tv2onnx {

std::optional<Tensor> View::constant(std::string_view value) const {
  // Chains of Identity are short; the bound is against cycles in damaged files.
  for (int hop = 0; hop < 16; ++hop) {
    if (const OnnxTensor* found = initializer(value)) return found->tensor();
    const OnnxNode* node = producer(value);
    if (node == nullptr) return std::nullopt;
    if (node->op == "Constant") {
      const OnnxAttribute* attribute = node->find("value");
      if (attribute == nullptr || !attribute->tensor) return std::nullopt;
      return attribute->tensor->tensor();
    }
    if (node->op != "Identity") return std::nullopt;
    value = node->input(0);
  }
  return std::nullopt;
}

/// What is known without looking at other values, or was put together before; else null.
const View::Integers* View::known_integers(std::string_view value) const {
  if (const auto known = integers_.find(value); known != integers_.end()) return &known->second;
  if (const std::optional<Tensor> tensor = constant(value)) {
    const bool usable =
        !is_floating(tensor->dtype) && tensor->size() <= static_cast<std::int64_t>(kMostIntegers);
    if (usable) step(static_cast<std::size_t>(tensor->size()));
    return &(integers_[std::string(value)] = usable ? Integers(to_int64(*tensor)) : std::nullopt);
  }
  const OnnxNode* node = producer(value);
  const bool joins = node != nullptr && (node->op == "Concat" || node->op == "Unsqueeze" ||
                                         node->op == "Squeeze" || node->op == "Cast");
  return joins ? nullptr : &(integers_[std::string(value)] = std::nullopt);
}

/// The elements of the node's parts, one after the other; nothing if one is not known.
View::Integers View::joined(const OnnxNode& node) const {
  const std::size_t count = node.op == "Concat" ? node.inputs.size() : 1;
  if (count == 0) return std::nullopt;
  Integers all(std::in_place);
  for (std::size_t k = 0; k < count; ++k) {
    const Integers* part = known_integers(node.input(k));
    if (part == nullptr || !*part || all->size() + (*part)->size() > kMostIntegers) {
      return std::nullopt;
    }
    step(1 + (*part)->size());
    all->insert(all->end(), (*part)->begin(), (*part)->end());
  }
  return all;
}

// With a stack of its own, as chains can be longer than the machine's bears.
std::optional<std::vector<std::int64_t>> View::integers(std::string_view value) const {
  step();
  std::vector<std::string_view> waiting{value};
  std::unordered_set<std::string_view> begun;
  while (!waiting.empty()) {
    const std::string_view next = waiting.back();
    if (known_integers(next) != nullptr) {
      waiting.pop_back();
      continue;
    }
    const OnnxNode& node = *producer(next);
    if (!begun.insert(next).second) {  // what its parts are is known, unless it is one of them
      integers_[std::string(next)] = joined(node);
      continue;
    }
    const std::size_t count = node.op == "Concat" ? node.inputs.size() : 1;
    for (std::size_t k = 0; k < count; ++k) {
      const std::string& part = node.input(k);
      if (known_integers(part) == nullptr && !begun.contains(part)) waiting.push_back(part);
    }
  }
  return *known_integers(value);
}

std::optional<double> View::number(std::string_view value) const {
  const std::optional<Tensor> tensor = constant(value);
  if (!tensor || tensor->size() != 1) return std::nullopt;
  if (!is_floating(tensor->dtype)) return static_cast<double>(to_int64(*tensor)[0]);
  return to_float(*tensor)[0];
}

std::optional<SliceBounds> slice_bounds(const View& view, const OnnxNode& node) {
  const auto bounds = [&](std::size_t input, std::string_view attribute,
                          std::int64_t otherwise) -> std::optional<std::int64_t> {
    std::optional<std::vector<std::int64_t>> values;
    if (const OnnxAttribute* found = node.find(attribute)) {
      values = found->ints;
    } else if (!node.input(input).empty()) {
      values = view.integers(node.input(input));
    } else {
      return otherwise;
    }
    if (!values || values->size() != 1) return std::nullopt;
    return (*values)[0];
  };
  if (node.op != "Slice") return std::nullopt;
  const auto start = bounds(1, "starts", 0);
  const auto end = bounds(2, "ends", 0);
  const auto axis = bounds(3, "axes", 0);
  const auto step = bounds(4, "steps", 1);
  if (!start || !end || !axis || !step) return std::nullopt;
  return SliceBounds{*axis, *start, *end, *step};
}

std::optional<std::vector<std::int64_t>> axes_of(const View& view, const OnnxNode& node) {
  if (const OnnxAttribute* attribute = node.find("axes")) return attribute->ints;
  if (node.inputs.size() > 1) return view.integers(node.input(1));
  return std::nullopt;
}

}  // namespace tv2onnx
