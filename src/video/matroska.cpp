// EBML: an element is its id, the size of its content (here always in eight bytes) and the content.

#include "video/matroska.h"

#include <string_view>

namespace tv2onnx {
namespace {

std::string big_endian(std::uint64_t number, std::size_t bytes) {
  std::string text;
  for (std::size_t k = bytes; k-- > 0;) text += static_cast<char>((number >> (8 * k)) & 0xFFU);
  return text;
}

/// Ids are as long as their first bits say.
std::string id_bytes(std::uint32_t id) {
  const std::size_t bytes = id > 0xFFFFFFU ? 4 : id > 0xFFFFU ? 3 : id > 0xFFU ? 2 : 1;
  return big_endian(id, bytes);
}

std::string size_bytes(std::uint64_t size) {
  return big_endian(size | (std::uint64_t{1} << 56U), 8);
}

std::string element(std::uint32_t id, std::string_view content) {
  return id_bytes(id) + size_bytes(content.size()) + std::string(content);
}

std::string number(std::uint32_t id, std::uint64_t value) {
  return element(id, big_endian(value, 8));
}

constexpr std::string_view kUnknownSize = "\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

}  // namespace

std::string matroska_header(std::int64_t width, std::int64_t height) {
  const std::string video = number(0xB0, static_cast<std::uint64_t>(width)) +
                            number(0xBA, static_cast<std::uint64_t>(height)) +
                            element(0x2EB524, "RGB\x18");  // as AVI calls 24 bits of RGB
  const std::string track = number(0xD7, 1) + number(0x73C5, 1) + number(0x83, 1) +
                            element(0x86, "V_UNCOMPRESSED") + element(0xE0, video);
  return element(0x1A45DFA3, element(0x4282, "matroska")) + id_bytes(0x18538067) +
         std::string(kUnknownSize) +
         element(0x1549A966, number(0x2AD7B1, 1'000'000) + element(0x4D80, "tv2onnx") +
                                 element(0x5741, "tv2onnx")) +
         element(0x1654AE6B, element(0xAE, track));
}

std::string matroska_frame(std::uint64_t milliseconds, std::size_t bytes) {
  const std::string time = number(0xE7, milliseconds);
  // Track 1, no time beyond that of its cluster, a frame that stands for itself.
  const std::string begin("\x81\x00\x00\x80", 4);
  const std::string block = id_bytes(0xA3) + size_bytes(begin.size() + bytes) + begin;
  return id_bytes(0x1F43B675) + size_bytes(time.size() + block.size() + bytes) + time + block;
}

}  // namespace tv2onnx
