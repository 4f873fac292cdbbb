#include <fmt/format.h>

#include <algorithm>

#include "tv2onnx/nn.h"

namespace tv2onnx {
namespace {

bool fits(const Shape& expected, const Shape& found) {
  return std::ranges::equal(expected, found, [](std::int64_t want, std::int64_t have) {
    return want == kAny || want == have;
  });
}

/// Stands for a tensor that is not there; never reaches a file, because the report is not clean.
Tensor placeholder(Shape shape) {
  std::ranges::replace(shape, kAny, 1);
  return {DType::kFloat32, std::move(shape), {}, nullptr, nullptr};
}

}  // namespace

bool only_for_training(std::string_view key) {
  return key.ends_with("num_batches_tracked");
}

std::vector<std::string> LoadReport::unused(const WeightSource& source) const {
  std::vector<std::string> keys;
  for (const std::string& key : source.keys) {
    if (!used.contains(key) && !only_for_training(key)) keys.push_back(key);
  }
  return keys;
}

Scope Scope::operator/(std::string_view child) const {
  Scope inner = *this;
  if (!inner.prefix_.empty()) inner.prefix_ += '.';
  inner.prefix_ += child;
  return inner;
}

std::string Scope::key(std::string_view leaf) const {
  return prefix_.empty() ? std::string(leaf) : fmt::format("{}.{}", prefix_, leaf);
}

Tensor Scope::tensor(std::string_view leaf, const Shape& shape) const {
  const std::string name = key(leaf);
  const bool asked_before = !report_->used.insert(name).second;
  const Tensor* found = source_->find(name);
  if (found != nullptr && fits(shape, found->shape)) return *found;
  const bool known =
      asked_before && std::ranges::any_of(report_->problems,
                                          [&](const auto& problem) { return problem.key == name; });
  if (!known) {
    report_->problems.push_back(
        {name, shape, found != nullptr ? std::optional(found->shape) : std::nullopt});
  }
  return placeholder(shape);
}

Value Scope::weight(std::string_view leaf, const Shape& shape) const {
  return graph_->add_weight(key(leaf), tensor(leaf, shape));
}

bool Scope::has(std::string_view leaf) const {
  return shape(leaf).has_value();
}

std::optional<Shape> Scope::shape(std::string_view leaf) const {
  const Tensor* found = source_->find(key(leaf));
  return found != nullptr ? std::optional(found->shape) : std::nullopt;
}

void Scope::computes(ModuleKind kind, std::initializer_list<SettingMember> attributes,
                     std::vector<NamedTensor> tensors) const {
  if (in_whole_module()) {
    report_->computed.push_back({prefix_, kind, attributes, std::move(tensors)});
  }
}

bool Scope::in_whole_module() const {
  const ModuleInfo* root = source_->module("");
  return root != nullptr && !root->class_name.empty();
}

const Setting* Scope::stated(std::string_view name) const {
  const ModuleInfo* found = module();
  return found != nullptr ? found->find(name) : nullptr;
}

double Scope::attribute(std::string_view name, double otherwise) const {
  double value = otherwise;
  if (const Setting* number = stated(name)) number->number(value);
  return value;
}

void Scope::assume(std::string line) const {
  report_->assumed.push_back(std::move(line));
}

std::vector<std::string> Scope::children() const {
  if (in_whole_module()) return source_->children(prefix_);
  std::vector<std::string> names;
  for (const std::string& name : source_->keys) {
    if (!name.starts_with(prefix_ + ".")) continue;
    const std::size_t begin = prefix_.size() + 1;
    const std::size_t end = name.find('.', begin);
    if (end == std::string::npos) continue;  // a tensor of the module itself
    std::string child = name.substr(begin, end - begin);
    if (std::ranges::find(names, child) == names.end()) names.push_back(std::move(child));
  }
  return names;
}

bool Scope::holds_tensors() const {
  return std::ranges::any_of(source_->keys, [begin = prefix_ + "."](const std::string& key) {
    return key.starts_with(begin);
  });
}

void Scope::pass_over(std::string_view except) const {
  const std::string begin = prefix_ + ".";
  const std::string kept = begin + std::string(except) + ".";
  for (const std::string& name : source_->keys) {
    if (!except.empty() && name.starts_with(kept)) continue;
    if (name.starts_with(begin) && !only_for_training(name)) report_->used.insert(name);
  }
}

}  // namespace tv2onnx
