#include "checkpoint/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/byte_reader.h"
#include "checkpoint/zip_directory.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kLocalSignature{"PK\3\4", 4};
constexpr std::string_view kEntrySignature{"PK\1\2", 4};
constexpr std::uint64_t kRecordSize = 46;  ///< of an entry without a name
constexpr std::uint64_t kMostEntries = 200'000;
constexpr std::uint16_t kEncrypted = 1;

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
  ByteReader fields(extra, offset, kZipCode);
  while (fields.remaining() >= 4) {
    const auto tag = fields.number<std::uint16_t>("an extra field");
    const auto length = fields.number<std::uint16_t>("an extra field");
    const std::uint64_t at = fields.file_offset();
    const auto body = fields.take(length, "an extra field");
    if (tag != kZip64Field) continue;
    ByteReader numbers(body, at, kZipCode);
    for (std::uint64_t* value : {&record.size, &record.stored_size, &record.local_offset}) {
      if (*value == kZipIn64) *value = numbers.number<std::uint64_t>("a ZIP64 field");
    }
    return;
  }
}

Record read_record(ByteReader& directory) {
  constexpr std::string_view kWhat = "the central directory";
  Record record;
  require_zip_signature(directory, kEntrySignature, "central directory record");
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
  if (!is_plain_name(name)) fail_zip("an entry has a name that is not a plain path", offset, name);
  if ((record.flags & kEncrypted) != 0) fail_zip("an entry is encrypted", offset, name);
  if (!record.entry.compressed && record.stored_size != record.size) {
    fail_zip(fmt::format("an entry announces {} bytes stored and {} unpacked", record.stored_size,
                         record.size),
             offset, name);
  }
}

/// Fills in where the bytes lie: behind the local header, whose padding varies.
void locate(Record& record, std::span<const std::byte> file, std::uint64_t limit) {
  constexpr std::string_view kWhat = "a local header";
  ByteReader local = zip_reader_at(file, record.local_offset, kWhat);
  require_zip_signature(local, kLocalSignature, "local header");
  local.take(22, kWhat);
  const auto name_length = local.number<std::uint16_t>(kWhat);
  const auto extra_length = local.number<std::uint16_t>(kWhat);
  if (local.text(name_length, kWhat) != record.entry.name) {
    fail_zip("local header and central directory disagree about a name", record.local_offset,
             record.entry.name);
  }
  local.take(extra_length, kWhat);
  record.entry.offset = local.file_offset();
  if (record.entry.offset > limit || record.stored_size > limit - record.entry.offset) {
    fail_zip(
        fmt::format("an entry of {} bytes reaches into the central directory", record.stored_size),
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
      fail_zip("two entries overlap", records[k].local_offset, records[k].entry.name);
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
  const ZipDirectory directory = find_zip_directory(file);
  ByteReader reader(file.subspan(static_cast<std::size_t>(directory.offset),
                                 static_cast<std::size_t>(directory.size)),
                    directory.offset, kZipCode);
  if (directory.count > kMostEntries) {
    fail_zip(
        fmt::format("{} entries announced, at most {} are read", directory.count, kMostEntries),
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
    if (records.size() == directory.count) fail_zip("more entries than announced", offset);
    records.push_back(record);
  }
  if (records.size() != directory.count) {
    fail_zip(fmt::format("{} entries announced, {} found", directory.count, records.size()),
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
    fail_zip("two entries have the same name", entries_[*twice].offset, entries_[*twice].name);
  }
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto by = [this](std::uint32_t index) { return entries_[index].name; };
  const auto found = std::ranges::lower_bound(by_name_, name, {}, by);
  return found != by_name_.end() && by(*found) == name ? &entries_[*found] : nullptr;
}

void require_stored(const ZipEntry& entry) {
  if (!entry.compressed) return;
  fail_zip("an entry is compressed, which torch.save never does", entry.offset, entry.name,
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
    fail_zip("an entry does not have the checksum that the archive announces", entry.offset,
             entry.name, "the file was damaged; copy or download it again");
  }
}

}  // namespace tv2onnx
