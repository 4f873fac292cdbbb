#pragma once
// Changes to a model that need no view, and what of it is needed at all.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "onnx/model.h"

namespace tv2onnx {

/// A node of one output, which is its name too.
OnnxNode node_of(const char* op, std::vector<std::string> inputs, std::string output);

/// Adds the attribute, or puts it in the place of one with its name.
void set_attribute(OnnxNode& node, OnnxAttribute attribute);

/// Gives an initialiser other elements; its name stays.
void replace_elements(OnnxTensor& tensor, const Tensor& elements);

/// Multiplies an initialiser, float32 in the file, by a factor for each index of its first axis.
void multiply_rows(OnnxTensor& tensor, std::vector<double> factors);

using NewNames = std::map<std::string, std::string>;  ///< old to new

/// Renames values of the graph and of those inside it, all at once, so that names can be exchanged.
void rename_values(OnnxGraph& graph, const NewNames& names);

/// Values that some output of the graph depends on, in whatever order the nodes are.
std::unordered_set<std::string_view> needed_values(const OnnxGraph& graph);
bool is_needed(const OnnxNode& node, const std::unordered_set<std::string_view>& needed);

/// Removes nodes and initialisers that no output needs; returns how many nodes.
std::size_t remove_dead(OnnxModel& model);

OnnxAttribute integer_attribute(std::string name, std::int64_t value);
OnnxAttribute integers_attribute(std::string name, std::vector<std::int64_t> values);
OnnxAttribute string_attribute(std::string name, std::string value);

}  // namespace tv2onnx
