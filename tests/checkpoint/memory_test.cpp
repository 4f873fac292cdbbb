// Peak memory of the whole program stays below twice the file plus 64 MiB, whatever the file says,
// and so does the time.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "checkpoint/files.h"
#include "support/sanitizers.h"

namespace tv2onnx {
namespace {

using namespace std::string_literals;

constexpr std::size_t kSize = 24 << 20;
constexpr std::size_t kHeaderSize = 15 << 20;  ///< below what is refused for its length alone

struct Outcome {
  int exit_code = -1;
  double seconds = 0;
  std::size_t peak = 0;  ///< bytes of the program, its libraries and what it touched of the file
};

/// Peak resident memory of the program that a process runs at the moment. What getrusage() says of
/// a finished process counts the program that started it as well.
std::size_t peak_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  std::string word;
  while (status >> word && word != "VmHWM:") continue;
  std::size_t kibibytes = 0;
  status >> kibibytes;
  return kibibytes << 10;
}

/// Runs tv2onnx inspect and looks at its memory when it is about to end.
Outcome inspect(const std::string& path) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::execl(TV2ONNX_BINARY, TV2ONNX_BINARY, "inspect", path.c_str(), nullptr);
    ::_exit(127);
  }
  Outcome outcome;
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSTOPPED(status)) {  // by its start
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
    ::ptrace(PTRACE_CONT, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
  }
  if (WIFSTOPPED(status)) {  // by its end, or by the signal that will end it
    outcome.peak = peak_of(child);
    ::ptrace(PTRACE_DETACH, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
  }
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

/// Within twice the file plus 64 MiB, the file is refused for what it is.
void expect_bounded(const std::string& path, std::size_t size) {
  constexpr std::size_t kConstant = std::size_t{64} << 20;
  const Outcome outcome = inspect(path);
  EXPECT_EQ(outcome.exit_code, 3) << path;
  EXPECT_GT(outcome.peak, std::size_t{1} << 20) << "the memory was not measured";
  EXPECT_LT(outcome.peak, 2 * size + kConstant) << path;
  EXPECT_LT(outcome.seconds, 20.0) << path;
}

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
}

void expect_bounded_content(const std::string& name, const std::string& content) {
  SCOPED_TRACE(name);
  const test::TemporaryFile file(name, content);
  expect_bounded(file.path().string(), content.size());
}

/// Little-endian bytes of a number.
template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

class BoundedMemory : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::kAddressSanitizer) GTEST_SKIP() << "sanitizers use memory of their own";
  }
};

TEST_F(BoundedMemory, BombsAmongTheHostileFiles) {
  for (const char* name : {"zip_memo_bomb.pth", "zip_module_bomb.pth", "zip_string_bomb.pth",
                           "zip_deep_lists.pth", "pickle_marks.pkl", "safe_deep.safetensors"}) {
    const std::filesystem::path path = test::hostile(name);
    expect_bounded(path.string(), std::filesystem::file_size(path));
  }
}

TEST_F(BoundedMemory, LargePickles) {
  const std::string start = "\x80\x02"s;
  expect_bounded_content("lists", start + repeated("]", kSize) + ".");
  expect_bounded_content("marks", start + repeated("(", kSize) + ".");
  expect_bounded_content("stack", start + "]q\0("s + repeated("h\0"s, kSize) + "e.");
  expect_bounded_content("cells", start + "]q\0"s + repeated("h\0a"s, kSize) + ".");
  expect_bounded_content("tuple", start + "(" + repeated("K\1", kSize) + "t.");
  expect_bounded_content("strings", start + "(" + repeated("S'\\x41'\n", kSize) + "t.");
  expect_bounded_content("escapes", start + "S'" + repeated("\\x41", kSize) + "'\n.");
  expect_bounded_content("globals", start + repeated("cm\nn\n0", kSize) + ".");
  expect_bounded_content("empty", start + repeated("N0", kSize) + ".");
}

TEST_F(BoundedMemory, LargeSafetensorsHeaders) {
  const auto with_header = [](const std::string& header) {
    return raw(static_cast<std::uint64_t>(header.size())) + header;
  };
  std::string tensors = "{";
  for (int k = 0; tensors.size() < kHeaderSize; ++k) {
    tensors += fmt::format(R"("{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}},)", k);
  }
  tensors.back() = '}';
  expect_bounded_content("tensors", with_header(tensors));
  const std::string metadata =
      with_header(R"({"__metadata__":{"a":")" + std::string(kHeaderSize, 'x') + R"("}})");
  expect_bounded_content("metadata", metadata);
  expect_bounded_content("nested", with_header(R"({"a":)" + std::string(kHeaderSize, '[')));
}

std::string zip_of_many_entries() {
  std::string body;
  std::string directory;
  std::uint16_t count = 0;
  std::uint64_t entries = 0;
  while (body.size() + directory.size() < kSize) {
    const std::string name = fmt::format("a/{:06}", entries++);
    const auto length = static_cast<std::uint16_t>(name.size());
    directory += "PK\1\2"s + std::string(24, '\0') + raw(length) + std::string(12, '\0') +
                 raw(static_cast<std::uint32_t>(body.size())) + name;
    body += "PK\3\4"s + std::string(22, '\0') + raw(length) + std::string(2, '\0') + name;
  }
  count = UINT16_MAX;
  const std::uint64_t at = body.size() + directory.size();
  const std::string end64 = "PK\6\6"s + std::string(20, '\0') + raw(entries) + raw(entries) +
                            raw(static_cast<std::uint64_t>(directory.size())) +
                            raw(static_cast<std::uint64_t>(body.size()));
  return body + directory + end64 + "PK\6\7"s + std::string(4, '\0') + raw(at) +
         std::string(4, '\0') + "PK\5\6"s + std::string(4, '\0') + raw(count) + raw(count) +
         std::string(8, '\xFF') + std::string(2, '\0');
}

TEST_F(BoundedMemory, ZipOfManyEntries) {
  expect_bounded_content("entries", zip_of_many_entries());
}

TEST_F(BoundedMemory, LegacyStreamOfManyTensors) {
  const std::string magic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  std::string body = "\x80\x02}(";
  for (int k = 0; body.size() < kSize / 2; ++k) {
    body += fmt::format(
        "U\x07{:07}(U\x07storagectorch\nFloatStorage\nU\x07{:07}U\x03"
        "cpuK\x01tQ",
        k, k);
  }
  expect_bounded_content("storages", magic + "\x80\x02M\xe9\x03." +
                                         "\x80\x02}U\x0dlittle_endian\x88s." + body + "u." +
                                         std::string(kSize / 2, '\0'));
}

}  // namespace
}  // namespace tv2onnx
