#include "onnx/pieces.h"

#include <algorithm>

#include "onnx/schema.h"
#include "onnx/wire.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kChunk = 1 << 15;  // elements converted at a time: near caches hold them

/// Many short parts, which together make one call of the sink.
class Gathered {
 public:
  explicit Gathered(const ByteSink& sink) : sink_(&sink) {}

  void put(std::span<const std::byte> bytes) {
    if (bytes.size() >= kShort || bytes.size() + short_.size() > kShort) flush();
    if (bytes.size() >= kShort) return (*sink_)(bytes);
    short_.insert(short_.end(), bytes.begin(), bytes.end());
  }
  void put(const std::string& text) { put(std::as_bytes(std::span(text))); }
  void put(const OnnxTensor* weight) {
    const Tensor& tensor = *weight->elements;
    if (weight->factors.empty() && schema::data_type(tensor.dtype) == weight->data_type) {
      return put(contiguous_bytes(tensor));
    }
    chunk_.resize(kChunk);
    for (std::int64_t begin = 0; begin < tensor.size(); begin += kChunk) {
      const std::int64_t end = std::min(begin + kChunk, tensor.size());
      weight->copy_as_float(begin, end, chunk_.data());
      put(std::as_bytes(std::span(chunk_)).first(static_cast<std::size_t>(end - begin) * 4));
    }
  }

  void flush() {
    if (!short_.empty()) (*sink_)(short_);
    short_.clear();
  }

 private:
  static constexpr std::size_t kShort = 1 << 14;

  const ByteSink* sink_;
  std::vector<std::byte> short_;
  std::vector<float> chunk_;
};

}  // namespace

std::string& Pieces::text() {
  if (parts_.empty() || !std::holds_alternative<std::string>(parts_.back())) {
    parts_.emplace_back(std::string());
  }
  return std::get<std::string>(parts_.back());
}

void Pieces::add(const OnnxTensor& tensor) {
  if (tensor.elements) {
    parts_.emplace_back(&tensor);
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
  const auto size_of = [](const auto& part) -> std::uint64_t {
    if constexpr (requires { part->byte_size(); }) {
      return part->byte_size();
    } else {
      return part.size();
    }
  };
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += std::visit(size_of, part);
  return sum;
}

void Pieces::write(const ByteSink& sink) const {
  Gathered out(sink);
  for (const Part& part : parts_) {
    std::visit([&](const auto& bytes) { out.put(bytes); }, part);
  }
  out.flush();
}

std::string Pieces::flat() const {
  std::string all;
  write([&](std::span<const std::byte> bytes) { all += wire::text_of(bytes); });
  return all;
}

}  // namespace tv2onnx
