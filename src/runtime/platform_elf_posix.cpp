#include "runtime/platform_elf.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "base/mapped_file.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// A table of headers in the file; nullopt if the file ends before it does.
template <typename Header>
std::optional<std::uint64_t> last_byte_of(std::span<const std::byte> file, std::uint64_t offset,
                                          std::uint64_t count, auto end_of) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(Header)) return std::nullopt;
  std::uint64_t last = 0;
  for (std::uint64_t k = 0; k < count; ++k) {
    Header header;
    std::memcpy(&header, file.data() + offset + k * sizeof header, sizeof header);
    last = std::max<std::uint64_t>(last, end_of(header));
  }
  return last;
}

/// Where what begins at `offset` ends, or the last place there is if that is beyond all files.
std::uint64_t end_of(std::uint64_t offset, std::uint64_t size) {
  std::uint64_t end = 0;
  return __builtin_add_overflow(offset, size, &end) ? UINT64_MAX : end;
}

std::string damage_in(std::span<const std::byte> file) {
  Elf64_Ehdr header;
  if (file.size() < sizeof header) return "";
  std::memcpy(&header, file.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
    return "";
  }
  const auto segments = last_byte_of<Elf64_Phdr>(
      file, header.e_phoff, header.e_phnum,
      [](const Elf64_Phdr& each) { return end_of(each.p_offset, each.p_filesz); });
  const auto sections =
      last_byte_of<Elf64_Shdr>(file, header.e_shoff, header.e_shnum, [](const Elf64_Shdr& each) {
        return each.sh_type == SHT_NOBITS ? 0 : end_of(each.sh_offset, each.sh_size);
      });
  if (!segments || !sections) {
    return fmt::format("it is cut off: the headers lie beyond its {} bytes", file.size());
  }
  const std::uint64_t last = std::max(*segments, *sections);
  if (last <= file.size()) return "";
  return fmt::format("it is cut off: it has {} bytes of {}", file.size(), last);
}

}  // namespace

std::string damage_of_library(const std::filesystem::path& path) {
  try {
    return damage_in(MappedFile::open(path)->bytes());
  } catch (const Error&) {
    return "";  // not there, which the dynamic linker says
  }
}

}  // namespace tv2onnx
