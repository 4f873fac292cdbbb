#include "nn/classifier_head.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "nn/computed_parts.h"
#include "nn/head_children.h"
#include "nn/quantised.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Kind = HeadChildKind;

struct Name {
  std::string_view name;
  Activation activation;
};
constexpr auto kNames = std::to_array<Name>({{"relu", Activation::kRelu},
                                             {"dropout", Activation::kNone},
                                             {"identity", Activation::kNone},
                                             {"relu6", Activation::kRelu6},
                                             {"hardswish", Activation::kHardSwish},
                                             {"silu", Activation::kSilu},
                                             {"sigmoid", Activation::kSigmoid},
                                             {"gelu", Activation::kGelu},
                                             {"tanh", Activation::kTanh}});

Scope scope_of(Scope s, const HeadChild& child) {
  return s / child.name;
}

std::string place_of(Scope s, const HeadChild& child) {
  return (child.unnamed ? "behind " : "") + scope_of(s, child).prefix();
}

/// How many children are as the builder has them, those without weights as far as they follow.
std::size_t builders_own(Scope s, const std::vector<HeadChild>& children,
                         const std::vector<HeadLayer>& layers) {
  for (std::size_t k = 0; k < children.size(); ++k) {
    if (k == layers.size() || children[k].name != std::to_string(k)) return k;
    const HeadLayer& layer = layers[k];
    if (layer.linear == (children[k].kind == Kind::kBare)) return k;
    const std::optional<Shape> weight = scope_of(s, children[k]).shape("weight");
    const bool other = weight && (weight->empty() || weight->front() != layer.out);
    if (layer.linear && layer.out != kAny && other) return k;
  }
  return children.size();
}

/// What the layers without weights are.
class Guess {
 public:
  Guess(Scope s, const std::vector<HeadChild>& children, const std::vector<HeadLayer>& layers)
      : s_(s), children_(children), activations_(children.size(), Activation::kNone) {
    const std::size_t own = s.in_whole_module() ? 0 : builders_own(s, children, layers);
    for (std::size_t k = 0; k < own; ++k) activations_[k] = layers[k].activation;
    for (std::size_t k = own; k < children.size(); ++k) {
      if (children[k].kind == Kind::kBare) open_.push_back(k);
    }
  }

  std::vector<Activation> given(const std::vector<std::string>& names) {
    if (names.size() != open_.size()) refuse_names(fmt::format("{} names", names.size()));
    for (std::size_t k = 0; k < names.size(); ++k) {
      const auto row = std::ranges::find(kNames, names[k], &Name::name);
      if (row == kNames.end()) refuse_names(fmt::format("'{}'", names[k]));
      activations_[open_[k]] = row->activation;
    }
    return activations_;
  }

  std::vector<Activation> assumed() {
    if (open_.empty()) return activations_;
    if (s_.in_whole_module()) {
      for (const std::size_t k : open_)
        activations_[k] = stated_activation(scope_of(s_, children_[k]));
      return activations_;
    }
    bool after_linear = false;
    bool placed = false;  // the one activation between two linear layers
    for (std::size_t k = 0; k < children_.size(); ++k) {
      if (children_[k].kind == Kind::kLinear || children_[k].kind == Kind::kSequential) {
        after_linear = true;
        placed = false;
      } else if (children_[k].kind == Kind::kBare && !is_open(k)) {
        placed = placed || activations_[k] != Activation::kNone;
      } else if (children_[k].kind == Kind::kBare && after_linear &&
                 children_[k - 1].kind != Kind::kBare) {
        if (placed) refuse_to_guess();
        activations_[k] = Activation::kRelu;
        placed = true;
      }
    }
    s_.assume(
        fmt::format("{} is an nn.Sequential, of whose layers without weights a state dict knows "
                    "nothing; assuming {}, and nothing behind the last layer; say what they are "
                    "with --head-layers {}",
                    s_.prefix(), places(), example()));
    return activations_;
  }

 private:
  bool is_open(std::size_t k) const { return std::ranges::find(open_, k) != open_.end(); }

  std::string_view name(std::size_t k) const {
    return activations_[k] == Activation::kRelu ? "relu" : "dropout";
  }
  std::string places() const {
    std::vector<std::string> texts;
    for (const std::size_t k : open_) {
      texts.push_back(fmt::format("{} {}{}", name(k), children_[k].unnamed ? "" : "at ",
                                  place_of(s_, children_[k])));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  std::string example() const {
    std::vector<std::string_view> texts;
    for (const std::size_t k : open_) texts.push_back(name(k));
    return fmt::format("{}", fmt::join(texts, ","));
  }
  std::string open_places() const {
    std::vector<std::string> texts;
    for (const std::size_t k : open_) texts.push_back(place_of(s_, children_[k]));
    return fmt::format("{}", fmt::join(texts, ", "));
  }

  [[noreturn]] void refuse_to_guess() const {
    throw Error({.code = "W002",
                 .found = fmt::format("{} is an nn.Sequential with several layers without weights "
                                      "between two linear ones; a state dict does not say which "
                                      "is the activation",
                                      s_.prefix()),
                 .where = {.item = s_.prefix()},
                 .expected = fmt::format("--head-layers with what {} are, such as "
                                         "--head-layers {}",
                                         open_places(), example()),
                 .hint = "a checkpoint of the whole module has them"});
  }
  [[noreturn]] void refuse_names(std::string found) const {
    throw Error({.code = "U002",
                 .found = std::move(found),
                 .where = {.item = "--head-layers"},
                 .expected = open_.empty() ? "no --head-layers: all layers of the head are known"
                                           : fmt::format("{} of {}, for {}", open_.size(),
                                                         head_layer_names(), open_places())});
  }

  Scope s_;
  const std::vector<HeadChild>& children_;
  std::vector<Activation> activations_;
  std::vector<std::size_t> open_;  ///< children whose kind neither builder nor weights say
};

Value linear_as_stored(Scope s, Value x) {
  return linear(s, x, kAny, s.has("bias"));
}

/// What a whole module says is another thing is left to the comparison of the modules.
Value bare(Scope s, Value x, Activation activation) {
  if (activation == Activation::kNone) return x;
  return activate(s, x, activation);
}

/// The head is not there: what is missing is recorded.
Value builders_head(Scope s, Value x, const std::vector<HeadLayer>& layers) {
  if (layers.size() == 1) return linear(s, x, kAny);
  for (std::size_t k = 0; k < layers.size(); ++k) {
    if (layers[k].linear) x = linear(s / k, x, layers[k].out);
  }
  return x;
}

}  // namespace

std::string head_layer_names() {
  std::vector<std::string_view> names;
  for (const Name& row : kNames) names.push_back(row.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

Value classifier_head(Scope s, Value x, const std::vector<HeadLayer>& layers,
                      const std::optional<std::vector<std::string>>& names) {
  if (s.has("weight") || is_converted(s)) {
    if (names) Guess(s, {}, {}).given(*names);
    return linear_as_stored(s, x);
  }
  const std::vector<HeadChild> children = head_children(s);
  if (children.empty()) return builders_head(s, x, layers);
  Guess guess(s, children, layers);
  const std::vector<Activation> activations = names ? guess.given(*names) : guess.assumed();
  for (std::size_t k = 0; k < children.size(); ++k) {
    const Scope child = scope_of(s, children[k]);
    switch (children[k].kind) {
      case Kind::kLinear: x = linear_as_stored(child, x); break;
      case Kind::kNorm: x = batch_norm(child, x, 1e-5); break;
      case Kind::kSequential: x = classifier_head(child, x, {}, {}); break;
      case Kind::kBare: x = bare(child, x, activations[k]); break;
    }
  }
  return x;
}

}  // namespace tv2onnx
