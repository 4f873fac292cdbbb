#pragma once
// Changes to a graph that repairs are made of. Each keeps the order of nodes topological; a View of
// the model is stale afterwards.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx {

/// A name that no value of the model has, starting with `base`.
std::string fresh_name(const View& view, std::string_view base);

/// Adds an int64 initialiser of rank 1 to the outer graph and returns its name.
std::string add_integers(const View& view, std::string_view base,
                         const std::vector<std::int64_t>& values);

/// The same of rank 0 and of other types.
std::string add_integer(const View& view, std::string_view base, std::int64_t value);
std::string add_numbers(const View& view, std::string_view base, const std::vector<float>& values);
std::string add_number(const View& view, std::string_view base, float value);
std::string add_double(const View& view, std::string_view base, double value);

/// Inserts a node of the standard domain with one output in front of `before`; returns the output's
/// name.
std::string insert_before(const View& view, const OnnxNode& before, std::string op,
                          std::vector<std::string> inputs,
                          std::vector<OnnxAttribute> attributes = {});

/// Lets input `index` of the node read `value`.
void set_input(OnnxNode& node, std::size_t index, std::string value);

/// Adds the attribute, or puts it in the place of one with its name.
void set_attribute(OnnxNode& node, OnnxAttribute attribute);

/// Lets all readers of `from` read `to`; outputs of graphs keep their names and are not touched.
void replace_readers(const View& view, std::string_view from, const std::string& to);

using Names = std::map<std::string, std::string>;  ///< old to new

/// Renames values of the graph and of those inside it, all at once, so that names can be exchanged.
void rename_values(OnnxGraph& graph, const Names& names);

/// Values that some output of the graph depends on, in whatever order the nodes are.
std::unordered_set<std::string_view> needed_values(const OnnxGraph& graph);
bool is_needed(const OnnxNode& node, const std::unordered_set<std::string_view>& needed);

/// Removes nodes and initialisers that no output needs; returns how many nodes.
std::size_t remove_dead(OnnxModel& model);

OnnxAttribute integer_attribute(std::string name, std::int64_t value);
OnnxAttribute integers_attribute(std::string name, std::vector<std::int64_t> values);
OnnxAttribute string_attribute(std::string name, std::string value);

}  // namespace tv2onnx
