#include "onnx/pieces.h"

#include <algorithm>

#include "onnx/schema.h"
#include "onnx/wire.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kChunk = 1 << 15;  // elements converted at a time: near caches hold them

}  // namespace

std::string& Pieces::text() {
  if (parts_.empty() || !std::holds_alternative<std::string>(parts_.back())) {
    parts_.emplace_back(std::string());
  }
  return std::get<std::string>(parts_.back());
}

void Pieces::add(const OnnxTensor& tensor) {
  if (tensor.elements) {
    parts_.emplace_back(Converted{&tensor});
  } else {
    parts_.emplace_back(tensor.bytes);
  }
}

void Pieces::field(int number, std::span<const std::byte> bytes) {
  wire::put_bytes_header(text(), number, bytes.size());
  add(bytes);
}

void Pieces::append(Pieces other) {
  for (Part& part : other.parts_) parts_.push_back(std::move(part));
}

std::uint64_t Pieces::size() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) {
    sum += std::visit([](const auto& bytes) -> std::uint64_t { return bytes.size(); }, part);
  }
  return sum;
}

void Pieces::write(const ByteSink& sink) const {
  for (const Part& part : parts_) {
    std::visit([&](const auto& bytes) { write_part(bytes, sink); }, part);
  }
}

std::string Pieces::flat() const {
  std::string all;
  write([&](std::span<const std::byte> bytes) { all += wire::text_of(bytes); });
  return all;
}

void Pieces::write_part(const std::string& text, const ByteSink& sink) {
  sink(std::as_bytes(std::span(text)));
}

void Pieces::write_part(const Converted& converted, const ByteSink& sink) {
  const OnnxTensor& weight = *converted.weight;
  const Tensor& tensor = *weight.elements;
  if (weight.factors.empty() && schema::data_type(tensor.dtype) == weight.data_type) {
    sink(contiguous_bytes(tensor));
    return;
  }
  std::vector<float> chunk(static_cast<std::size_t>(std::min(kChunk, tensor.size())));
  for (std::int64_t begin = 0; begin < tensor.size(); begin += kChunk) {
    const std::int64_t end = std::min(begin + kChunk, tensor.size());
    weight.copy_as_float(begin, end, chunk.data());
    sink(std::as_bytes(std::span(chunk)).first(static_cast<std::size_t>(end - begin) * 4));
  }
}

}  // namespace tv2onnx
