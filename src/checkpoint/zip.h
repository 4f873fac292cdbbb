#pragma once
// The zip container of torch.save (1.6 and newer): entries are stored, not compressed, so tensors
// are used in place.
//
//   local header, name, extra (padding), bytes, [data descriptor]      once per entry
//   central directory: one record per entry, with sizes and offset of the local header
//   [ZIP64 end record, ZIP64 locator]   end record
//
// Only the central directory is believed; a local header is read for its length alone and must
// carry the same name. What a reader could see in two ways (overlaps, repeated names, a second
// directory) is refused.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

struct ZipEntry {
  std::string_view name;
  std::span<const std::byte> bytes;  ///< as they lie in the file
  std::uint64_t offset = 0;          ///< of `bytes` in the file
  std::uint32_t crc = 0;             ///< as announced
  bool compressed = false;
};

class ZipArchive {
 public:
  /// `file` is the whole file and must outlive the archive. \throws Error C004, C002.
  explicit ZipArchive(std::span<const std::byte> file);

  /// In the order of the central directory.
  std::span<const ZipEntry> entries() const { return entries_; }
  /// The entry of that name, or null.
  const ZipEntry* find(std::string_view name) const;

 private:
  std::vector<ZipEntry> entries_;
  std::vector<std::uint32_t> by_name_;  ///< indices of entries_, sorted by name
};

/// \throws Error C004 if the entry is compressed: nothing that torch.save writes is.
void require_stored(const ZipEntry& entry);
/// \throws Error C004 if the bytes are not those the checksum was made of.
void check_crc(const ZipEntry& entry);

}  // namespace tv2onnx
