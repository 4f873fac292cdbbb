#include "checkpoint/tar.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMostMembers = 1000;  // torch wrote 4

[[noreturn]] void fail_tar(std::string found, std::uint64_t offset, std::string_view member = {}) {
  throw Error({.code = "C006",
               .found = std::move(found),
               .where = {.file = {}, .offset = offset, .item = printable(member)},
               .expected = "the tar archive of torch.save before 0.1.10"});
}

std::string_view until_nul(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

/// Digits, closed by a blank or NUL.
std::uint64_t octal(std::string_view field, std::string_view what, std::uint64_t offset) {
  std::uint64_t value = 0;
  bool any = false;
  for (const char digit : field) {
    if (digit == ' ' && !any) continue;
    if (digit == ' ' || digit == '\0') break;
    if (digit < '0' || digit > '7')
      fail_tar(fmt::format("the {} of a header is not a number", what), offset);
    value = value * 8 + static_cast<std::uint64_t>(digit - '0');
    any = true;
  }
  return value;
}

/// The sum of the header's bytes, with blanks where the sum itself stands.
void check_sum(std::string_view header, std::uint64_t offset) {
  constexpr std::size_t kSumAt = 148;
  constexpr std::size_t kSumEnd = 156;
  std::uint64_t sum = 0;
  for (std::size_t k = 0; k < header.size(); ++k) {
    sum += k >= kSumAt && k < kSumEnd ? ' ' : static_cast<unsigned char>(header[k]);
  }
  if (sum != octal(header.substr(kSumAt, 8), "checksum", offset)) {
    fail_tar("a header does not have the checksum it announces", offset);
  }
}

/// Extended headers carry fractional times; anything that changes how the archive is read (size,
/// path) is refused.
void check_extended(std::string_view records, std::uint64_t offset) {
  if (records.find(" size=") != std::string_view::npos ||
      records.find(" path=") != std::string_view::npos ||
      records.find(" linkpath=") != std::string_view::npos) {
    fail_tar("an extended header changes the size or name of a member", offset);
  }
}

}  // namespace

std::vector<TarMember> read_tar(std::span<const std::byte> file) {
  ByteReader reader(file, 0, "C002");
  std::vector<TarMember> members;
  while (reader.remaining() >= kBlock) {
    const std::uint64_t header_offset = reader.file_offset();
    const std::string_view header = reader.text(kBlock, "a header");
    if (header.find_first_not_of('\0') == std::string_view::npos) break;  // end of the archive
    check_sum(header, header_offset);
    const std::string_view name = until_nul(header.substr(0, 100));
    const std::uint64_t size = octal(header.substr(124, 12), "size", header_offset);
    const char type = header[156];
    const std::uint64_t offset = reader.file_offset();
    const auto bytes = reader.take(size, fmt::format("member '{}'", printable(name, 40)));
    reader.take(std::min<std::uint64_t>((kBlock - size % kBlock) % kBlock, reader.remaining()),
                "padding");
    if (type == 'x' || type == 'g') {
      check_extended(as_text(bytes), offset);
      continue;
    }
    if (type != '0' && type != '\0') fail_tar("a member is not a plain file", header_offset, name);
    if (name.empty() || name.find_first_of("/\\") != std::string_view::npos) {
      fail_tar("a member has a path for a name", header_offset, name);
    }
    if (std::ranges::find(members, name, &TarMember::name) != members.end()) {
      fail_tar("two members have the same name", header_offset, name);
    }
    if (members.size() >= kMostMembers) fail_tar("too many members", header_offset);
    members.push_back({name, bytes, offset});
  }
  return members;
}

}  // namespace tv2onnx
