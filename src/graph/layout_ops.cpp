#include "graph/ops.h"

#include <algorithm>
#include <numeric>
#include <ranges>

#include "graph/emit.h"

namespace tv2onnx {

using Ints = std::vector<std::int64_t>;

Value shape_of(Value x) {
  if (dims(x) && all_numbers(*dims(x))) {
    Ints sizes;
    for (const Dim& dim : *dims(x)) sizes.push_back(dim.number());
    return ints(*x.graph, std::move(sizes));
  }
  return one("Shape", {x}, {DType::kInt64, std::nullopt});
}
Value size_of(Value x, std::int64_t axis) {
  const Dim dim = x.dim(static_cast<std::size_t>(axis));
  if (dim.is_number()) return ints(*x.graph, {dim.number()});
  return pick(shape_of(x), {axis}, 0);
}
Value reshape(Value x, Ints shape) {
  std::optional<Dims> known = Dims(shape.size());
  for (std::size_t k = 0; k < shape.size(); ++k) {
    if (shape[k] > 0) (*known)[k] = shape[k];
    if (shape[k] == 0) (*known)[k] = x.dim(k);
  }
  const auto inferred = std::ranges::find(shape, -1);
  if (inferred != shape.end() && dims(x) && all_numbers(*dims(x))) {
    Dim& dim = (*known)[static_cast<std::size_t>(inferred - shape.begin())];
    dim = 1;
    if (all_numbers(*known)) dim = product(*dims(x)) / std::max<std::int64_t>(product(*known), 1);
  }
  // A shape that is known is written out: not all runtimes know 0 and -1.
  if (all_numbers(*known)) std::ranges::transform(*known, shape.begin(), &Dim::number);
  return one("Reshape", {x, ints(*x.graph, std::move(shape))}, {x.dtype(), known});
}
Value reshape_to(Value x, Value shape, std::optional<Dims> known) {
  if (!known) {
    known = stated(shape);
    if (known) std::ranges::replace(*known, Dim(std::int64_t{0}), Dim());  // copied from x
  }
  return one("Reshape", {x, shape}, {x.dtype(), std::move(known)});
}
Value reshape_like(Value x, Value like) {
  return one("Reshape", {x, shape_of(like)}, {x.dtype(), dims(like)});
}
Value transpose(Value x, Ints permutation) {
  std::optional<Dims> known;
  if (dims(x)) {
    known = Dims();
    for (const std::int64_t axis : permutation) {
      known->push_back(x.dim(static_cast<std::size_t>(axis)));
    }
  }
  return one("Transpose", {x}, {x.dtype(), known}, {{"perm", std::move(permutation)}});
}
Value unsqueeze(Value x, Ints axes) {
  std::optional<Dims> known = dims(x);
  if (known) {
    for (const std::int64_t axis : axes) known->insert(known->begin() + axis, Dim(1));
  }
  return with_axes("Unsqueeze", x, std::move(axes), 13, {x.dtype(), known});
}
Value squeeze(Value x, Ints axes) {
  std::optional<Dims> known = dims(x);
  if (known) {
    for (const std::int64_t axis : axes | std::views::reverse) {
      known->erase(known->begin() + axis);
    }
  }
  return with_axes("Squeeze", x, std::move(axes), 13, {x.dtype(), known});
}
Value flatten(Value x) {
  Dims known{x.dim(0), Dim()};
  if (dims(x)) {
    const Dims rest(dims(x)->begin() + 1, dims(x)->end());
    if (all_numbers(rest)) known[1] = product(rest);
  }
  return one("Flatten", {x}, {x.dtype(), known}, {{"axis", std::int64_t{1}}});
}
Value expand(Value x, Value shape, std::optional<Dims> known) {
  if (!known) known = broadcast(dims(x), stated(shape));
  return one("Expand", {x, shape}, {x.dtype(), std::move(known)});
}

Value concat(const std::vector<Value>& values, std::int64_t axis) {
  if (values.size() == 1) return values.front();
  std::optional<Dims> known = dims(values.front());
  if (known) {
    std::int64_t total = 0;
    for (const Value& value : values) {
      const Dim dim = value.dim(static_cast<std::size_t>(axis));
      total = total < 0 || !dim.is_number() ? -1 : total + dim.number();
    }
    (*known)[static_cast<std::size_t>(axis)] = total < 0 ? Dim() : Dim(total);
  }
  return one("Concat", values, {values.front().dtype(), known}, {{"axis", axis}});
}
std::array<Value, 2> halves(Value x, std::int64_t axis) {
  std::optional<Dims> known = dims(x);
  if (known) {
    Dim& dim = (*known)[static_cast<std::size_t>(axis)];
    dim = dim.is_number() ? Dim(dim.number() / 2) : Dim();
  }
  std::vector<Attribute> attributes{{"axis", axis}};
  if (x.graph->opset() >= 18) attributes.push_back({"num_outputs", std::int64_t{2}});
  const std::vector<Value> parts =
      x.graph->emit("Split", {x}, {{x.dtype(), known}, {x.dtype(), known}}, std::move(attributes));
  return {parts[0], parts[1]};
}
Value pad(Value x, Value pads) {
  Dims known{x.dim(0), x.dim(1), {}, {}};
  if (const std::optional<Dims> added = stated(pads)) {
    for (std::size_t axis = 0; axis < known.size(); ++axis) {
      const Dim size = x.dim(axis);
      const std::int64_t more = (*added)[axis].number() + (*added)[axis + known.size()].number();
      known[axis] = size.is_number() ? Dim(size.number() + more) : more == 0 ? size : Dim();
    }
  }
  return one("Pad", {x, pads}, {x.dtype(), known}, {{"mode", std::string("constant")}});
}
Value pad_axis(Value x, std::int64_t axis, std::int64_t before, std::int64_t after) {
  const auto place = static_cast<std::size_t>(axis);
  std::optional<Dims> known = dims(x);
  Dim& grown = (*known)[place];
  grown = grown.is_number() ? Dim(grown.number() + before + after) : Dim();
  const std::size_t rank = known->size();
  Ints pads(2 * rank, 0);
  pads[place] = before;
  pads[rank + place] = after;
  return one("Pad", {x, ints(*x.graph, std::move(pads))}, {x.dtype(), known},
             {{"mode", std::string("constant")}});
}
Value range(Value end) {
  if (const Tensor* known = end.graph->initializer(end.id)) {
    Ints numbers(static_cast<std::size_t>(to_int64(*known)[0]));
    std::iota(numbers.begin(), numbers.end(), 0);
    return ints(*end.graph, std::move(numbers));
  }
  const Value zero = scalar_like(end, 0);
  const Value step = scalar_like(end, 1);
  return one("Range", {zero, squeeze(end, {0}), step}, {DType::kInt64, Dims{{}}});
}

}  // namespace tv2onnx
