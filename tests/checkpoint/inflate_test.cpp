#include "checkpoint/inflate.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/byte_reader.h"
#include "checkpoint/files.h"
#include "checkpoint/zip.h"

namespace tv2onnx {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMost = 1 << 20;
// zlib's raw streams of "hello hello hello": stored, and with the fixed code.
constexpr std::string_view kStored = "\x01\x11\x00\xee\xffhello hello hello"sv;
constexpr std::string_view kFixed = "\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x00"sv;

std::optional<std::string> unpacked(std::string_view packed, std::size_t most = kMost) {
  return inflate(as_bytes(packed), most);
}

TEST(Inflate, StoredAndFixedBlocks) {
  EXPECT_EQ(unpacked(kStored), "hello hello hello");
  EXPECT_EQ(unpacked(kFixed), "hello hello hello");
}

TEST(Inflate, ProgramsOfAnArchive) {
  const std::string file = test::content_of(test::golden("zip_torchscript.pt"));
  const ZipArchive archive(as_bytes(file));
  std::size_t packed = 0;
  for (const ZipEntry& entry : archive.entries()) {
    if (!entry.compressed) continue;
    ++packed;
    const auto text = inflate(entry.bytes, kMost);
    ASSERT_TRUE(text.has_value()) << entry.name;
    ZipEntry plain = entry;
    plain.bytes = as_bytes(*text);
    EXPECT_NO_THROW(check_crc(plain)) << entry.name;  // of the unpacked bytes
  }
  EXPECT_GT(packed, 3U);
}

TEST(Inflate, EndsAtTheLimit) {
  EXPECT_EQ(unpacked(kFixed, 17), "hello hello hello");
  EXPECT_EQ(unpacked(kFixed, 16), std::nullopt);
  EXPECT_EQ(unpacked(kStored, 16), std::nullopt);
}

TEST(Inflate, DamagedStreamsAreNoText) {
  for (std::size_t length = 0; length + 1 < kStored.size(); ++length) {
    EXPECT_EQ(unpacked(kStored.substr(0, length)), std::nullopt) << length;
  }
  for (std::size_t length = 0; length + 1 < kFixed.size(); ++length) {
    EXPECT_EQ(unpacked(kFixed.substr(0, length)), std::nullopt) << length;
  }
  EXPECT_EQ(unpacked("\x07"sv), std::nullopt);                   // a kind that there is not
  EXPECT_EQ(unpacked("\x01\x01\x00\x00\x00x"sv), std::nullopt);  // lengths that contradict
  EXPECT_EQ(unpacked("\x03\x02\x00"sv), std::nullopt);           // goes back before the beginning
}

}  // namespace
}  // namespace tv2onnx
