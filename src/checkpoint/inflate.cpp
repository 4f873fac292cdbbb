#include "checkpoint/inflate.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tv2onnx {
namespace {

struct Damaged {};

class Bits {
 public:
  explicit Bits(std::span<const std::byte> bytes) : bytes_(bytes) {}

  unsigned take(unsigned count) {
    while (held_ < count) {
      if (next_ == bytes_.size()) throw Damaged{};
      value_ |= static_cast<std::uint64_t>(bytes_[next_++]) << held_;
      held_ += 8;
    }
    const auto taken = static_cast<unsigned>(value_ & ((1U << count) - 1));
    value_ >>= count;
    held_ -= count;
    return taken;
  }

  void align() { take(held_ % 8); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
  std::uint64_t value_ = 0;
  unsigned held_ = 0;
};

/// A canonical Huffman code: how many codes there are of each length, and their symbols in order.
class Code {
 public:
  explicit Code(std::span<const std::uint8_t> lengths) {
    for (const std::uint8_t length : lengths) ++counts_[length];
    counts_[0] = 0;
    std::array<unsigned, kLongest + 1> next{};
    for (std::size_t length = 1; length < kLongest; ++length) {
      next[length + 1] = next[length] + counts_[length];
    }
    symbols_.resize(lengths.size());
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] != 0) symbols_[next[lengths[symbol]]++] = static_cast<unsigned>(symbol);
    }
  }

  unsigned read(Bits& bits) const {
    unsigned code = 0;
    unsigned first = 0;
    unsigned index = 0;
    for (std::size_t length = 1; length <= kLongest; ++length) {
      code |= bits.take(1);
      const unsigned count = counts_[length];
      if (code < first + count) return symbols_[index + (code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw Damaged{};
  }

 private:
  static constexpr std::size_t kLongest = 15;
  std::array<unsigned, kLongest + 1> counts_{};
  std::vector<unsigned> symbols_;
};

/// A run of lengths or distances: the smallest, and how many bits are added to it.
struct Range {
  unsigned base;
  unsigned extra;
};
constexpr auto kLengths = std::to_array<Range>(
    {{3, 0},  {4, 0},  {5, 0},  {6, 0},   {7, 0},   {8, 0},   {9, 0},   {10, 0},  {11, 1}, {13, 1},
     {15, 1}, {17, 1}, {19, 2}, {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},  {51, 3}, {59, 3},
     {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0}});
constexpr auto kDistances = std::to_array<Range>(
    {{1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},
     {9, 2},     {13, 2},    {17, 3},    {25, 3},     {33, 4},     {49, 4},
     {65, 5},    {97, 5},    {129, 6},   {193, 6},    {257, 7},    {385, 7},
     {513, 8},   {769, 8},   {1025, 9},  {1537, 9},   {2049, 10},  {3073, 10},
     {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}});

class Inflater {
 public:
  Inflater(std::span<const std::byte> packed, std::size_t most) : bits_(packed), most_(most) {}

  std::string run() {
    for (bool last = false; !last;) {
      last = bits_.take(1) != 0;
      switch (bits_.take(2)) {
        case 0: stored(); break;
        case 1: coded(fixed_literals(), Code(std::vector<std::uint8_t>(30, 5))); break;
        case 2: dynamic(); break;
        default: throw Damaged{};
      }
    }
    return std::move(text_);
  }

 private:
  void add(char byte) {
    if (text_.size() == most_) throw Damaged{};
    text_ += byte;
  }

  void stored() {
    bits_.align();
    const unsigned length = bits_.take(16);
    if ((bits_.take(16) ^ length) != 0xFFFF) throw Damaged{};
    for (unsigned k = 0; k < length; ++k) add(static_cast<char>(bits_.take(8)));
  }

  static Code fixed_literals() {
    std::vector<std::uint8_t> lengths(288, 8);
    for (std::size_t k = 144; k < 256; ++k) lengths[k] = 9;
    for (std::size_t k = 256; k < 280; ++k) lengths[k] = 7;
    return Code(lengths);
  }

  /// The codes are described by their lengths, which are themselves coded.
  void dynamic() {
    constexpr auto kOrder = std::to_array<std::uint8_t>(
        {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15});
    const std::size_t literals = bits_.take(5) + 257;
    const std::size_t distances = bits_.take(5) + 1;
    const std::size_t described = bits_.take(4) + 4;
    std::array<std::uint8_t, kOrder.size()> of_lengths{};
    for (std::size_t k = 0; k < described; ++k) {
      of_lengths[kOrder[k]] = static_cast<std::uint8_t>(bits_.take(3));
    }
    const Code code(of_lengths);
    std::vector<std::uint8_t> lengths;
    while (lengths.size() < literals + distances) add_lengths(code.read(bits_), lengths);
    if (lengths.size() > literals + distances) throw Damaged{};
    const std::span<const std::uint8_t> all(lengths);
    coded(Code(all.first(literals)), Code(all.subspan(literals)));
  }

  void add_lengths(unsigned symbol, std::vector<std::uint8_t>& lengths) {
    if (symbol < 16) {
      lengths.push_back(static_cast<std::uint8_t>(symbol));
    } else if (symbol == 16) {
      if (lengths.empty()) throw Damaged{};
      lengths.insert(lengths.end(), 3 + bits_.take(2), std::uint8_t{lengths.back()});
    } else {
      lengths.insert(lengths.end(), symbol == 17 ? 3 + bits_.take(3) : 11 + bits_.take(7), 0);
    }
  }

  void coded(const Code& literals, const Code& distances) {
    constexpr unsigned kEnd = 256;
    for (unsigned symbol = 0; (symbol = literals.read(bits_)) != kEnd;) {
      if (symbol < kEnd) {
        add(static_cast<char>(symbol));
        continue;
      }
      const unsigned length = ranged(kLengths, symbol - kEnd - 1);
      const std::size_t distance = ranged(kDistances, distances.read(bits_));
      if (distance > text_.size()) throw Damaged{};
      for (unsigned k = 0; k < length; ++k) add(text_[text_.size() - distance]);
    }
  }

  template <typename Ranges>
  unsigned ranged(const Ranges& ranges, unsigned index) {
    if (index >= ranges.size()) throw Damaged{};
    return ranges[index].base + bits_.take(ranges[index].extra);
  }

  Bits bits_;
  std::size_t most_;
  std::string text_;
};

}  // namespace

std::optional<std::string> inflate(std::span<const std::byte> packed, std::size_t most) {
  try {
    return Inflater(packed, most).run();
  } catch (const Damaged&) {
    return std::nullopt;
  }
}

}  // namespace tv2onnx
