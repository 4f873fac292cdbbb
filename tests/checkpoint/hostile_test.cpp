// Files that attack the reader end with the right error, soon.

#include <sys/stat.h>

#include <chrono>

#include "checkpoint/files.h"

namespace tv2onnx {
namespace {

using test::golden;
using test::hostile;

TEST(HostileFiles, EachEndsWithItsError) {
  std::size_t count = 0;
  for (const std::string& line : test::lines_of(hostile("expected.txt"))) {
    const std::string file = line.substr(0, line.find(' '));
    SCOPED_TRACE(file);
    const auto start = std::chrono::steady_clock::now();
    const ErrorParts error = test::error_of(hostile(file));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(error.code.name(), line.substr(line.find(' ') + 1));
    EXPECT_EQ(error.where.file, hostile(file).string());
    EXPECT_LT(seconds.count(), 5.0);
    ++count;
  }
  EXPECT_GE(count, 100U);
}

TEST(HostileFiles, AnAttackIsNamedWithItsPlace) {
  const ErrorParts error = test::error_of(hostile("zip_os_system.pth"));
  EXPECT_NE(error.found.find("os.system"), std::string::npos);
  ASSERT_TRUE(error.where.offset.has_value());
  const std::string content = test::content_of(hostile("zip_os_system.pth"));
  EXPECT_EQ(content.substr(*error.where.offset, 10), "cos\nsystem");
}

TEST(HostileFiles, UnreadablePathsSaySo) {
  EXPECT_EQ(test::error_of(hostile("no_such_file.pth")).code.name(), "C001");
  EXPECT_EQ(test::error_of(hostile("")).code.name(), "C001");
  EXPECT_NE(test::error_of(hostile("")).found.find("directory"), std::string::npos);
  const std::string pipe = ::testing::TempDir() + std::to_string(::getpid()) + "_pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(test::error_of(pipe).code.name(), "C001");
  ::unlink(pipe.c_str());
}

/// Cut off at any byte, a file is refused or, where only padding is missing, read.
void truncate_everywhere(const std::string& file) {
  SCOPED_TRACE(file);
  const std::string content = test::content_of(golden(file));
  const std::size_t step = content.size() > 6000 ? 7 : 1;
  std::size_t read = 0;
  for (std::size_t size = 0; size < content.size(); size += step) {
    try {
      const Checkpoint checkpoint = test::read_bytes(std::string_view(content).substr(0, size));
      for (const NamedTensor& named : checkpoint.tensors) to_float(named.tensor);
      ++read;
    } catch (const Error& error) {
      EXPECT_FALSE(error.code().empty());
    }
  }
  // A tar archive ends with some 4 KiB of zeros that nobody needs; other formats need every byte.
  EXPECT_EQ(read > 0, file.starts_with("tar")) << read;
}

TEST(TruncatedFiles, Zip) {
  truncate_everywhere("zip_state.pth");
  truncate_everywhere("zip_module.pth");
  truncate_everywhere("zip_untyped.pth");
}
TEST(TruncatedFiles, Legacy) {
  truncate_everywhere("legacy_views.pth");
  truncate_everywhere("legacy_dtypes.pth");
  truncate_everywhere("legacy_module.pth");
}
TEST(TruncatedFiles, Tar) {
  truncate_everywhere("tar.pth");
}
TEST(TruncatedFiles, Pickle) {
  truncate_everywhere("pickle_protocol0.pkl");
  truncate_everywhere("pickle_protocol4.pkl");
}
TEST(TruncatedFiles, Safetensors) {
  truncate_everywhere("safe_dtypes.safetensors");
  truncate_everywhere("safe_prefixed.safetensors");
}

}  // namespace
}  // namespace tv2onnx
