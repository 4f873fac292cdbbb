#include "nn/head_children.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "nn/computed_parts.h"
#include "nn/quantised.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr int kMostLayers = 32;  // of an nn.Sequential

HeadChildKind kind_of(Scope s) {
  if (s.has("running_mean")) return HeadChildKind::kNorm;
  if (s.has("weight") || is_converted(s)) return HeadChildKind::kLinear;
  return s.holds_tensors() && !only_rounds(s) ? HeadChildKind::kSequential : HeadChildKind::kBare;
}

/// Those of nn.Sequential(OrderedDict(...)). A state dict does not name its layers without weights:
/// there may be one behind each.
std::vector<HeadChild> named_children(Scope s, const std::vector<std::string>& names) {
  std::vector<HeadChild> children;
  for (const std::string& name : names) {
    children.push_back({name, kind_of(s / name)});
    if (!s.in_whole_module()) children.push_back({name, HeadChildKind::kBare, true});
  }
  return children;
}

/// Safetensors files are sorted, so that layers with names can come in another order than in the
/// module. Widths show that, unless two layers take the same number of features.
void require_order(Scope s, const std::vector<std::string>& names) {
  if (s.in_whole_module()) return;
  const auto refuse = [&](std::string found) {
    throw Error({.code = "W002",
                 .found = std::move(found) +
                          "; a state dict does not say for certain in what order "
                          "layers with names are",
                 .where = {.item = s.prefix()},
                 .expected = "numbered layers, or layers with names whose widths tell their order",
                 .hint = "a checkpoint of the whole module has the order"});
  };
  std::map<std::int64_t, std::string> takers;
  for (const std::string& name : names) {
    const Scope child = s / name;
    const HeadChildKind kind = kind_of(child);
    if (kind == HeadChildKind::kSequential && names.size() > 1) {
      refuse(fmt::format("{} is an nn.Sequential beside other layers", child.prefix()));
    }
    const Shape weight = child.shape("weight").value_or(Shape{});
    if (kind != HeadChildKind::kLinear || weight.size() != 2) continue;
    const auto [other, fresh] = takers.emplace(weight[1], child.prefix());
    if (fresh) continue;
    refuse(
        fmt::format("{} and {} both take {} features", other->second, child.prefix(), weight[1]));
  }
}

bool is_number(const std::string& name) {
  return std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<HeadChild> head_children(Scope s) {
  const std::vector<std::string> names = s.children();
  std::vector<HeadChild> children;
  if (std::ranges::all_of(names, is_number)) {
    for (int k = 0; k < kMostLayers; ++k) children.push_back({std::to_string(k), kind_of(s / k)});
  } else {
    require_order(s, names);
    children = named_children(s, names);
  }
  while (!children.empty() && children.back().kind == HeadChildKind::kBare) children.pop_back();
  return children;
}

}  // namespace tv2onnx
