#include "checkpoint/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/byte_reader.h"
#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kCode = "C004";
constexpr std::string_view kLocalSignature{"PK\3\4", 4};
constexpr std::string_view kEntrySignature{"PK\1\2", 4};
constexpr std::string_view kEndSignature{"PK\5\6", 4};
constexpr std::string_view kEnd64Signature{"PK\6\6", 4};
constexpr std::string_view kLocator64Signature{"PK\6\7", 4};
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kLocator64Size = 20;
constexpr std::uint64_t kRecordSize = 46;  ///< of an entry without a name
constexpr std::uint64_t kMostEntries = 200'000;
constexpr std::uint64_t kMaxComment = 0xFFFF;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kIn64 = 0xFFFF;
constexpr std::uint32_t kIn64Wide = 0xFFFFFFFF;

[[noreturn]] void fail(std::string found, std::uint64_t offset, std::string_view entry = {},
                       std::string hint = {}) {
  throw Error({.code = kCode,
               .found = std::move(found),
               .where = {.file = {}, .offset = offset, .item = printable(entry)},
               .hint = std::move(hint)});
}

ByteReader reader_at(std::span<const std::byte> file, std::uint64_t offset, std::string_view what) {
  if (offset > file.size()) {
    fail(fmt::format("{} should start at byte {}, the file has {}", what, offset, file.size()),
         file.size());
  }
  return {file.subspan(static_cast<std::size_t>(offset)), offset, kCode};
}

void require_signature(ByteReader& reader, std::string_view signature, std::string_view what) {
  const std::uint64_t offset = reader.file_offset();
  if (reader.text(4, what) != signature) fail(fmt::format("there is no {} here", what), offset);
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  std::uint64_t end = 0;  ///< where the (ZIP64) end record starts
};

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
                      Directory& directory) {
  if (end_offset < kLocator64Size) fail("the ZIP64 locator is missing", end_offset);
  ByteReader locator = reader_at(file, end_offset - kLocator64Size, "the ZIP64 locator");
  require_signature(locator, kLocator64Signature, "ZIP64 locator");
  locator.take(4, "the ZIP64 locator");
  directory.end = locator.number<std::uint64_t>("the ZIP64 locator");
  if (directory.end >= end_offset) fail("the ZIP64 end record lies behind the end", end_offset);
  ByteReader record = reader_at(file, directory.end, "the ZIP64 end record");
  require_signature(record, kEnd64Signature, "ZIP64 end record");
  record.take(8 + 2 + 2 + 4 + 4 + 8, "the ZIP64 end record");
  directory.count = record.number<std::uint64_t>("the ZIP64 end record");
  directory.size = record.number<std::uint64_t>("the ZIP64 end record");
  directory.offset = record.number<std::uint64_t>("the ZIP64 end record");
}

Directory find_directory(std::span<const std::byte> file) {
  const std::uint64_t end_offset = find_end(file);
  ByteReader end = reader_at(file, end_offset, "the end record");
  end.take(4, "the end record");
  const auto disk = end.number<std::uint16_t>("the end record");
  end.take(4, "the end record");
  const auto count = end.number<std::uint16_t>("the end record");
  const auto size = end.number<std::uint32_t>("the end record");
  const auto offset = end.number<std::uint32_t>("the end record");
  Directory directory{.offset = offset, .size = size, .count = count, .end = end_offset};
  if (count == kIn64 || size == kIn64Wide || offset == kIn64Wide || disk == kIn64) {
    read_directory64(file, end_offset, directory);
  }
  if (directory.offset > directory.end || directory.size > directory.end - directory.offset) {
    fail("the central directory reaches behind its end record", end_offset);
  }
  return directory;
}

struct Record {
  ZipEntry entry;
  std::uint16_t flags = 0;
  std::uint64_t stored_size = 0;
  std::uint64_t size = 0;
  std::uint64_t local_offset = 0;
};

/// Sizes and offset that did not fit into 32 bits stand in an extra field.
void read_extra64(Record& record, std::span<const std::byte> extra, std::uint64_t offset) {
  constexpr std::uint16_t kZip64Field = 1;
  ByteReader fields(extra, offset, kCode);
  while (fields.remaining() >= 4) {
    const auto tag = fields.number<std::uint16_t>("an extra field");
    const auto length = fields.number<std::uint16_t>("an extra field");
    const std::uint64_t at = fields.file_offset();
    const auto body = fields.take(length, "an extra field");
    if (tag != kZip64Field) continue;
    ByteReader numbers(body, at, kCode);
    for (std::uint64_t* value : {&record.size, &record.stored_size, &record.local_offset}) {
      if (*value == kIn64Wide) *value = numbers.number<std::uint64_t>("a ZIP64 field");
    }
    return;
  }
}

Record read_record(ByteReader& directory) {
  constexpr std::string_view kWhat = "the central directory";
  Record record;
  require_signature(directory, kEntrySignature, "central directory record");
  directory.take(4, kWhat);
  record.flags = directory.number<std::uint16_t>(kWhat);
  record.entry.compressed = directory.number<std::uint16_t>(kWhat) != 0;
  directory.take(4, kWhat);
  record.entry.crc = directory.number<std::uint32_t>(kWhat);
  record.stored_size = directory.number<std::uint32_t>(kWhat);
  record.size = directory.number<std::uint32_t>(kWhat);
  const auto name_length = directory.number<std::uint16_t>(kWhat);
  const auto extra_length = directory.number<std::uint16_t>(kWhat);
  const auto comment_length = directory.number<std::uint16_t>(kWhat);
  directory.take(2 + 2 + 4, kWhat);
  record.local_offset = directory.number<std::uint32_t>(kWhat);
  record.entry.name = directory.text(name_length, kWhat);
  const std::uint64_t extra_offset = directory.file_offset();
  read_extra64(record, directory.take(extra_length, kWhat), extra_offset);
  directory.take(comment_length, kWhat);
  return record;
}

/// Names are never used as paths, but a file that tries to leave its folder is hostile.
bool is_plain_name(std::string_view name) {
  if (name.empty() || name.starts_with('/')) return false;
  if (name.find_first_of(std::string_view("\\\0:", 3)) != std::string_view::npos) return false;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part == ".." || part == ".") return false;
    name.remove_prefix(std::min(name.size(), part.size() + 1));
  }
  return true;
}

void check_record(const Record& record, std::uint64_t offset) {
  const std::string_view name = record.entry.name;
  if (!is_plain_name(name)) fail("an entry has a name that is no plain path", offset, name);
  if ((record.flags & kEncrypted) != 0) fail("an entry is encrypted", offset, name);
  if (!record.entry.compressed && record.stored_size != record.size) {
    fail(fmt::format("an entry announces {} bytes stored and {} unpacked", record.stored_size,
                     record.size),
         offset, name);
  }
}

/// Fills in where the bytes lie: behind the local header, whose padding varies.
void locate(Record& record, std::span<const std::byte> file, std::uint64_t limit) {
  constexpr std::string_view kWhat = "a local header";
  ByteReader local = reader_at(file, record.local_offset, kWhat);
  require_signature(local, kLocalSignature, "local header");
  local.take(22, kWhat);
  const auto name_length = local.number<std::uint16_t>(kWhat);
  const auto extra_length = local.number<std::uint16_t>(kWhat);
  if (local.text(name_length, kWhat) != record.entry.name) {
    fail("local header and central directory disagree about a name", record.local_offset,
         record.entry.name);
  }
  local.take(extra_length, kWhat);
  record.entry.offset = local.file_offset();
  if (record.entry.offset > limit || record.stored_size > limit - record.entry.offset) {
    fail(fmt::format("an entry of {} bytes reaches into the central directory", record.stored_size),
         record.entry.offset, record.entry.name);
  }
  record.entry.bytes = file.subspan(static_cast<std::size_t>(record.entry.offset),
                                    static_cast<std::size_t>(record.stored_size));
}

void check_overlaps(std::vector<Record>& records) {
  std::ranges::sort(records, {}, &Record::local_offset);
  for (std::size_t k = 1; k < records.size(); ++k) {
    const ZipEntry& before = records[k - 1].entry;
    if (records[k].local_offset < before.offset + before.bytes.size()) {
      fail("two entries overlap", records[k].local_offset, records[k].entry.name);
    }
  }
}

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t k = 0; k < 256; ++k) {
    std::uint32_t value = k;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0);
    table[k] = value;
  }
  return table;
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> file) {
  const Directory directory = find_directory(file);
  ByteReader reader(file.subspan(static_cast<std::size_t>(directory.offset),
                                 static_cast<std::size_t>(directory.size)),
                    directory.offset, kCode);
  if (directory.count > kMostEntries) {
    fail(fmt::format("{} entries announced, at most {} are read", directory.count, kMostEntries),
         directory.end);
  }
  std::vector<Record> records;
  records.reserve(
      static_cast<std::size_t>(std::min(directory.count, directory.size / kRecordSize)));
  while (reader.remaining() > 0) {
    const std::uint64_t offset = reader.file_offset();
    Record record = read_record(reader);
    check_record(record, offset);
    locate(record, file, directory.offset);
    if (records.size() == directory.count) fail("more entries than announced", offset);
    records.push_back(record);
  }
  if (records.size() != directory.count) {
    fail(fmt::format("{} entries announced, {} found", directory.count, records.size()),
         directory.end);
  }
  entries_.reserve(records.size());
  for (const Record& record : records) entries_.push_back(record.entry);
  check_overlaps(records);
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  const auto name = [this](std::uint32_t index) { return entries_[index].name; };
  std::ranges::sort(by_name_, {}, name);
  const auto twice = std::ranges::adjacent_find(by_name_, {}, name);
  if (twice != by_name_.end()) {
    fail("two entries have the same name", entries_[*twice].offset, entries_[*twice].name);
  }
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto by = [this](std::uint32_t index) { return entries_[index].name; };
  const auto found = std::ranges::lower_bound(by_name_, name, {}, by);
  return found != by_name_.end() && by(*found) == name ? &entries_[*found] : nullptr;
}

void require_stored(const ZipEntry& entry) {
  if (!entry.compressed) return;
  fail("an entry is compressed, which torch.save never does", entry.offset, entry.name,
       "if the checkpoint was packed into a zip file, unpack it first");
}

void check_crc(const ZipEntry& entry) {
  static constexpr std::array<std::uint32_t, 256> kTable = crc_table();
  std::uint32_t crc = ~0U;
  for (const std::byte byte : entry.bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFFU];
  }
  // torch can be told to write no checksum; 0 then stands in its place.
  if (entry.crc != 0 && ~crc != entry.crc) {
    fail("an entry does not have the checksum that the archive announces", entry.offset, entry.name,
         "the file was damaged; copy or download it again");
  }
}

}  // namespace tv2onnx
