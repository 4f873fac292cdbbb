#include "checkpoint/zip.h"

#include "base/byte_reader.h"
#include "checkpoint/files.h"

namespace tv2onnx {
namespace {

TEST(Zip, FindsEntriesOfTorchSave) {
  const std::string content = test::content_of(test::golden("zip_state.pth"));
  const ZipArchive archive(as_bytes(content));
  EXPECT_EQ(archive.entries().front().name, "zip_state/data.pkl");
  const ZipEntry* version = archive.find("zip_state/version");
  ASSERT_NE(version, nullptr);
  EXPECT_EQ(as_text(version->bytes), "3\n");
  EXPECT_EQ(content.substr(version->offset, 2), "3\n");
  EXPECT_EQ(archive.find("zip_state/versio"), nullptr);
  for (const ZipEntry& entry : archive.entries()) check_crc(entry);
}

TEST(Zip, ChecksumSeesOneBit) {
  std::string content = test::content_of(test::golden("zip_state.pth"));
  const ZipEntry entry = ZipArchive(as_bytes(content)).entries().front();
  content[entry.offset + 30] ^= 4;
  EXPECT_THROW(check_crc(ZipArchive(as_bytes(content)).entries().front()), Error);
}

TEST(Zip, CommentMayFollow) {
  std::string content = test::content_of(test::golden("zip_untyped.pth"));
  content[content.size() - 2] = 5;
  content += "hello";
  EXPECT_EQ(ZipArchive(as_bytes(content)).entries().size(), 3U);
}

TEST(Zip, CompressedEntriesAreKnownButNotGiven) {
  const std::string content = test::content_of(test::hostile("zip_compressed.pth"));
  const ZipArchive archive(as_bytes(content));
  EXPECT_THROW(require_stored(archive.entries().front()), Error);
}

}  // namespace
}  // namespace tv2onnx
