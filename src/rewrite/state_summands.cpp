#include "rewrite/state_summands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "onnx/schema.h"
#include "rewrite/view.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {
namespace {

/// A number, or the size of an axis of a value, divided and rounded up.
struct Size {
  std::int64_t number = -1;
  std::string_view value = {};
  std::size_t axis = 0;
  std::int64_t divisor = 1;
  bool operator==(const Size&) const = default;
};

constexpr std::size_t kAxes = 4;
using Sizes = std::array<Size, kAxes>;

Sizes own_sizes(std::string_view value) {
  Sizes sizes;
  for (std::size_t axis = 0; axis < kAxes; ++axis) sizes[axis] = {-1, value, axis};
  return sizes;
}

bool is_one_cell(const Sizes& sizes) {
  return sizes[2].number == 1 && sizes[3].number == 1;
}

/// The filter of a convolution or pooling along one axis.
struct Filter {
  std::int64_t extent;  ///< from its first cell to its last
  std::int64_t stride;
  std::int64_t padding;  ///< of both ends
};

constexpr std::int64_t kMost = 1 << 15;  // of what a node says

/// Nodes of a backbone from a file may say anything.
bool usual(const std::vector<std::int64_t>& numbers, std::int64_t least) {
  return std::ranges::all_of(numbers, [&](auto n) { return n >= least && n <= kMost; });
}

/// Nothing for other than two axes.
std::optional<std::array<Filter, 2>> filters_of(const OnnxNode& node) {
  const auto numbers = [&](std::string_view name, std::size_t count, std::int64_t otherwise) {
    const OnnxAttribute* attribute = node.find(name);
    return attribute != nullptr ? attribute->ints : std::vector(count, otherwise);
  };
  const auto kernel = numbers("kernel_shape", 0, 0);
  const auto strides = numbers("strides", 2, 1);
  const auto dilations = numbers("dilations", 2, 1);
  const auto pads = numbers("pads", 4, 0);
  const bool plane = kernel.size() == 2 && strides.size() == 2 && dilations.size() == 2 &&
                     pads.size() == 4 && node.integer("ceil_mode", 0) == 0 &&
                     node.find("auto_pad") == nullptr;
  if (!plane || !usual(kernel, 1) || !usual(strides, 1) || !usual(dilations, 1) ||
      !usual(pads, 0)) {
    return std::nullopt;
  }
  std::array<Filter, 2> filters{};
  for (std::size_t k = 0; k < 2; ++k) {
    filters[k] = {dilations[k] * (kernel[k] - 1), strides[k], pads[k] + pads[k + 2]};
  }
  return filters;
}

/// floor((size + padding - extent - 1) / stride) + 1
std::optional<Size> filtered(Size size, const Filter& filter) {
  if (size.number >= 0) {
    size.number += filter.padding - filter.extent - 1;
    if (size.number < 0) return std::nullopt;
    size.number = size.number / filter.stride + 1;
  } else if (filter.padding == filter.extent && size.divisor <= kMost) {
    size.divisor *= filter.stride;
  } else {
    return std::nullopt;
  }
  return size;
}

class Summands {
 public:
  explicit Summands(OnnxModel& model) : graph_(model.graph), view_(model) {}

  void state() {
    for (const OnnxValueInfo& input : graph_.inputs) add_input(input);
    for (const OnnxNode& node : graph_.nodes) {
      if (const std::optional<Sizes> sizes = sizes_after(node)) known_[node.output(0)] = *sizes;
    }
  }

 private:
  void add_input(const OnnxValueInfo& input) {
    if (!input.dims || input.dims->size() != kAxes) return;
    Sizes sizes = own_sizes(input.name);
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
      const OnnxValueInfo::Dim& dim = (*input.dims)[axis];
      if (dim.value >= 0) sizes[axis] = {dim.value};
      symbols_.emplace(fmt::format("{}:{}", input.name, axis), dim.symbol);
    }
    known_[input.name] = sizes;
  }

  const Sizes* find(const std::string& value) const {
    const auto found = known_.find(value);
    return found == known_.end() ? nullptr : &found->second;
  }

  std::optional<Sizes> sizes_after(const OnnxNode& node) {
    constexpr auto kElementwise = std::to_array<std::string_view>(
        {"Relu", "Sigmoid", "HardSigmoid", "HardSwish", "Clip", "BatchNormalization"});
    if (!node.domain.empty() || node.output(0).empty()) return std::nullopt;
    if (node.op == "Conv" || node.op == "MaxPool" || node.op == "AveragePool") {
      return after_filter(node);
    }
    if (node.op == "Add" || node.op == "Mul") return after_pair(node);
    const Sizes* sizes = find(node.input(0));
    if (sizes == nullptr) return std::nullopt;
    if (node.op == "GlobalAveragePool") return Sizes{(*sizes)[0], (*sizes)[1], {1}, {1}};
    const bool elementwise = std::ranges::find(kElementwise, node.op) != kElementwise.end();
    return elementwise ? std::optional(*sizes) : std::nullopt;
  }

  std::optional<Sizes> after_filter(const OnnxNode& node) const {
    const auto filters = filters_of(node);
    if (!filters) return std::nullopt;
    const Sizes* known = find(node.input(0));
    Sizes sizes = known != nullptr ? *known : own_sizes(node.input(0));
    const Sizes own = own_sizes(node.output(0));
    if (node.op == "Conv") {
      // A backbone from a file may compute in other types than the one that is stated.
      const OnnxTensor* weight = view_.float_weight(node.input(1));
      sizes[1] = weight != nullptr && !weight->dims.empty() ? Size{weight->dims[0]} : own[1];
    }
    for (std::size_t k = 0; k < 2; ++k) {
      sizes[k + 2] = filtered(sizes[k + 2], (*filters)[k]).value_or(own[k + 2]);
    }
    return sizes;
  }

  std::optional<Sizes> after_pair(const OnnxNode& node) {
    const Sizes* a = find(node.input(0));
    const Sizes* b = find(node.input(1));
    if (a == nullptr || b == nullptr) return beside_constant(node, a != nullptr ? a : b);
    if (*a == *b) {
      if (node.op == "Add") state_both(node, *a);
      return *a;
    }
    if ((*a)[0] != (*b)[0] || (*a)[1] != (*b)[1]) return std::nullopt;
    if (is_one_cell(*b)) return *a;
    return is_one_cell(*a) ? std::optional(*b) : std::nullopt;
  }

  std::optional<Sizes> beside_constant(const OnnxNode& node, const Sizes* sizes) const {
    if (sizes == nullptr) return std::nullopt;
    const bool constant = std::ranges::any_of(node.inputs, [&](const std::string& input) {
      const OnnxTensor* tensor = view_.initializer(input);
      return tensor != nullptr && element_count(tensor->dims) == 1 &&
             tensor->dims.size() <= sizes->size();
    });
    return constant ? std::optional(*sizes) : std::nullopt;
  }

  void state_both(const OnnxNode& sum, const Sizes& sizes) {
    for (const std::string& value : sum.inputs) {
      if (view_.is_input(value) || view_.is_output(value) || !stated_.insert(value).second)
        continue;
      OnnxValueInfo info{.name = value, .data_type = schema::data_type(DType::kFloat32)};
      info.dims.emplace();
      for (const Size& size : sizes) info.dims->push_back({size.number, symbol_of(size)});
      graph_.value_infos.push_back(std::move(info));
    }
  }

  std::string symbol_of(const Size& size) const {
    if (size.number >= 0) return "";
    std::string whole = fmt::format("{}:{}", size.value, size.axis);
    const auto given = symbols_.find(whole);
    if (given != symbols_.end() && !given->second.empty()) whole = given->second;
    return size.divisor == 1 ? whole : fmt::format("ceil({}/{})", whole, size.divisor);
  }

  OnnxGraph& graph_;
  View view_;
  std::unordered_map<std::string_view, Sizes> known_;  // of maps; keys are names in the graph
  std::unordered_map<std::string, std::string> symbols_;
  std::unordered_set<std::string_view> stated_;
};

}  // namespace

void state_summands(OnnxModel& model) {
  Summands(model).state();
}

}  // namespace tv2onnx
