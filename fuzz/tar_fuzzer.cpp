// Checkpoints in the format of checkpoint/torch_tar.h. Checksums of headers are put right first:
// otherwise hardly any changed header would be read.

#include <algorithm>
#include <string>
#include <vector>

#include "checkpoint/torch_tar.h"
#include "fuzz.h"

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMagicAt = 257;
constexpr std::size_t kSumAt = 148;
constexpr std::size_t kSumSize = 8;

void repair_checksum(std::uint8_t* header) {
  std::fill_n(header + kSumAt, kSumSize, ' ');
  unsigned sum = 0;
  for (std::size_t k = 0; k < kBlock; ++k) sum += header[k];
  for (std::size_t digit = 6; digit-- > 0; sum /= 8) {
    header[kSumAt + digit] = static_cast<std::uint8_t>('0' + sum % 8);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> archive(data, data + size);
  for (std::size_t at = 0; at + kBlock <= size; at += kBlock) {
    const std::string magic(archive.begin() + static_cast<std::ptrdiff_t>(at + kMagicAt),
                            archive.begin() + static_cast<std::ptrdiff_t>(at + kMagicAt + 5));
    if (magic == "ustar") repair_checksum(archive.data() + at);
  }
  tv2onnx::fuzz_reader(tv2onnx::read_torch_tar, tv2onnx::bytes_of(archive.data(), size));
  return 0;
}
