#include "checkpoint/zip_directory.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kEndSignature{"PK\5\6", 4};
constexpr std::string_view kEnd64Signature{"PK\6\6", 4};
constexpr std::string_view kLocator64Signature{"PK\6\7", 4};
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kLocator64Size = 20;
constexpr std::uint64_t kMaxComment = 0xFFFF;
constexpr std::uint16_t kIn64 = 0xFFFF;

/// Offset of the end record, which only the archive comment may follow.
std::uint64_t find_end(std::span<const std::byte> file) {
  const std::string_view text = as_text(file);
  if (text.size() >= kEndSize) {
    const std::uint64_t last = text.size() - kEndSize;
    const std::uint64_t first = last > kMaxComment ? last - kMaxComment : 0;
    for (std::uint64_t at = last + 1; at-- > first;) {
      if (text.substr(at, 4) == kEndSignature) return at;
    }
  }
  throw Error({.code = "C002",
               .found = "the zip archive has no end record: the file was cut off",
               .where = {.file = {}, .offset = file.size(), .item = {}},
               .hint = "compare the size with the original, and copy or download it again"});
}

void read_directory64(std::span<const std::byte> file, std::uint64_t end_offset,
                      ZipDirectory& directory) {
  if (end_offset < kLocator64Size) fail_zip("the ZIP64 locator is missing", end_offset);
  ByteReader locator = zip_reader_at(file, end_offset - kLocator64Size, "the ZIP64 locator");
  require_zip_signature(locator, kLocator64Signature, "ZIP64 locator");
  locator.take(4, "the ZIP64 locator");
  directory.end = locator.number<std::uint64_t>("the ZIP64 locator");
  if (directory.end >= end_offset) fail_zip("the ZIP64 end record lies behind the end", end_offset);
  ByteReader record = zip_reader_at(file, directory.end, "the ZIP64 end record");
  require_zip_signature(record, kEnd64Signature, "ZIP64 end record");
  record.take(8 + 2 + 2 + 4 + 4 + 8, "the ZIP64 end record");
  directory.count = record.number<std::uint64_t>("the ZIP64 end record");
  directory.size = record.number<std::uint64_t>("the ZIP64 end record");
  directory.offset = record.number<std::uint64_t>("the ZIP64 end record");
}

}  // namespace

ZipDirectory find_zip_directory(std::span<const std::byte> file) {
  const std::uint64_t end_offset = find_end(file);
  ByteReader end = zip_reader_at(file, end_offset, "the end record");
  end.take(4, "the end record");
  const auto disk = end.number<std::uint16_t>("the end record");
  end.take(4, "the end record");
  const auto count = end.number<std::uint16_t>("the end record");
  const auto size = end.number<std::uint32_t>("the end record");
  const auto offset = end.number<std::uint32_t>("the end record");
  ZipDirectory directory{.offset = offset, .size = size, .count = count, .end = end_offset};
  if (count == kIn64 || size == kZipIn64 || offset == kZipIn64 || disk == kIn64) {
    read_directory64(file, end_offset, directory);
  }
  if (directory.offset > directory.end || directory.size > directory.end - directory.offset) {
    fail_zip("the central directory reaches behind its end record", end_offset);
  }
  return directory;
}

[[noreturn]] void fail_zip(std::string found, std::uint64_t offset, std::string_view entry,
                           std::string hint) {
  throw Error({.code = kZipCode,
               .found = std::move(found),
               .where = {.file = {}, .offset = offset, .item = printable(entry)},
               .hint = std::move(hint)});
}

ByteReader zip_reader_at(std::span<const std::byte> file, std::uint64_t offset,
                         std::string_view what) {
  if (offset > file.size()) {
    fail_zip(fmt::format("{} should start at byte {}, the file has {}", what, offset, file.size()),
             file.size());
  }
  return {file.subspan(static_cast<std::size_t>(offset)), offset, kZipCode};
}

void require_zip_signature(ByteReader& reader, std::string_view signature, std::string_view what) {
  const std::uint64_t offset = reader.file_offset();
  if (reader.text(4, what) != signature) fail_zip(fmt::format("there is no {} here", what), offset);
}

}  // namespace tv2onnx
