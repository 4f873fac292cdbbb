#include "zoo/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ranges>
#include <set>
#include <string_view>

#include "base/stable_sort.h"
#include "base/text.h"
#include "graph/ops.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// "layer1.0.conv1" of the node "layer1.0.conv1/Conv"; empty for the model's own functions
std::string_view module_of(const Graph& graph, const Node& node) {
  const std::string_view scope = std::string_view(node.name).substr(0, node.name.rfind('/'));
  return scope == graph.title ? "" : scope;
}

bool is_inside(const Graph& graph, const Node& node, std::string_view path) {
  const std::string_view module = module_of(graph, node);
  return module == path || (module.starts_with(path) && module[path.size()] == '.');
}

[[noreturn]] void refuse(const Graph& graph, const std::string& path) {
  std::set<std::string_view> modules;
  for (const Node& node : graph.nodes()) {
    const std::string_view module = module_of(graph, node);
    if (module.empty()) continue;
    for (std::size_t dot = module.find('.'); dot != std::string_view::npos;
         dot = module.find('.', dot + 1)) {
      modules.insert(module.substr(0, dot));
    }
    modules.insert(module);
  }
  const std::vector<std::string_view> names(modules.begin(), modules.end());
  const std::string nearest = nearest_name(path, names);
  throw Error({.code = "U001",
               .found = fmt::format("nothing is computed at '{}'", printable(path)),
               .where = {.item = "--features"},
               .expected = "paths of modules that compute something in evaluation, such as layer3",
               .hint = nearest.empty() ? "" : fmt::format("did you mean {}?", nearest)});
}

/// Layers that the graph takes apart or computes beforehand: nothing in it is what they give.
bool is_taken_apart(std::string_view path) {
  static constexpr std::array<std::string_view, 3> kParts{"qkv", "to_qkv", "cpb_mlp"};
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    if (std::ranges::find(kParts, path.substr(begin, end - begin)) != kParts.end()) return true;
    begin = end + 1;
  }
  return false;
}

/// What the module gives: the last numbers that are computed in it.
std::optional<Value> output_of(Graph& graph, const std::string& path) {
  for (const Node& node : graph.nodes() | std::views::reverse) {
    const Value value{&graph, node.outputs.front()};
    const bool whole = is_floating(value.dtype()) && !is_taken_apart(path);
    if (whole && is_inside(graph, node, path)) return value;
  }
  return std::nullopt;
}

/// The number of a child of `around` on the path, or -1.
std::int64_t number_below(std::string_view around, std::string_view path) {
  if (!around.empty()) {
    if (!path.starts_with(around) || path.size() == around.size() || path[around.size()] != '.') {
      return -1;
    }
    path.remove_prefix(around.size() + 1);
  }
  std::int64_t number = -1;
  const char* end = path.data() + std::min(path.find('.'), path.size());
  const auto parsed = std::from_chars(path.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? number : -1;
}

}  // namespace

void require_own_numbers(const Checkpoint& checkpoint, const std::vector<std::string>& paths) {
  for (const std::string& module : checkpoint.left_out) {
    const std::string_view left_out = std::string_view(module).substr(0, module.find(' '));
    const std::size_t dot = left_out.rfind('.');
    const std::string_view around = left_out.substr(0, dot == std::string_view::npos ? 0 : dot);
    const std::int64_t number = number_below(around, left_out);
    for (const std::string& path : paths) {
      if (number < 0 || number_below(around, path) < number) continue;  // those before keep theirs
      throw Error(
          {.code = "U002",
           .found = fmt::format("{} was left out, and modules beside it have other numbers "
                                "in the graph than {}",
                                printable(module), printable(path)),
           .where = {.file = checkpoint.file, .item = "--features"},
           .hint = "name a module around it, or export the state dict, which keeps numbers"});
    }
  }
}

std::optional<std::pair<Value, Dims>> as_maps_of_one(Value x, std::size_t ones) {
  std::vector<std::int64_t> shape(ones + 2, 1);
  shape[0] = 0;
  shape[1] = -1;
  Dims dims(ones + 2, Dim(std::int64_t{1}));
  dims[0] = x.dim(0);
  dims[1] = x.dim(1);
  return std::pair{ints(*x.graph, std::move(shape)), std::move(dims)};
}

std::optional<std::pair<Value, Dims>> as_places(Value rows, const std::vector<Value>& sizes) {
  Graph& graph = *rows.graph;
  const std::optional<Dims>& dims = graph.info(rows.id).dims;
  if (!dims || dims->size() != 3) return std::nullopt;
  std::vector<Value> shape{ints(graph, {0})};
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  shape.push_back(ints(graph, {rows.dim(2).number()}));
  Dims places(sizes.size() + 2);
  places.front() = rows.dim(0);
  places.back() = rows.dim(2);
  return std::pair{concat(shape, 0), std::move(places)};
}

void in_torchs_shapes(Graph& graph, const std::vector<std::string>& paths,
                      const ShapeOfModule& shape_of_module) {
  std::vector<std::pair<std::string, Value>> found;
  for (const std::string& path : paths) {
    const std::optional<Value> value = output_of(graph, path);
    if (value) found.emplace_back(path, *value);
  }
  // What is last in a module must not be what one inside it gives.
  sort_stably(found, std::ranges::greater(), [](const auto& one) { return one.first.size(); });
  for (const auto& [path, value] : found) {
    const auto shape = shape_of_module(path, value);
    const NameScope names(graph, path);
    if (shape) {
      reshape_to(value, shape->first, shape->second);
    } else {
      reshape_to(value, shape_of(value), graph.info(value.id).dims);  // again the last one
    }
  }
}

void feature_outputs(Graph& graph, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const bool known = std::ranges::any_of(
        graph.outputs(), [&](std::uint32_t output) { return graph.info(output).name == path; });
    if (known) {
      throw Error({.code = "U002",
                   .found = fmt::format("'{}' is an output already", printable(path)),
                   .where = {.item = "--features"},
                   .hint = "name it once"});
    }
    const std::optional<Value> feature = output_of(graph, path);
    if (!feature) refuse(graph, path);
    graph.add_output(*feature, path, graph.info(feature->id).dims.value_or(Dims{}));
  }
}

}  // namespace tv2onnx
