#include "base/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "support/errors.h"
#include "support/files.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

TEST(OutputFile, AppearsWholeAtCommit) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  file.write("one ");
  file.write("two");
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  file.commit();
  EXPECT_THAT(folder.names(), ElementsAre("a"));
  EXPECT_EQ(read_file(folder / "a"), "one two");
}

TEST(OutputFile, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  {
    OutputFile file(folder / "a", false);
    file.write("half");
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(OutputFile, AnExistingFileIsKeptUntilCommit) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    OutputFile abandoned(folder / "a", true);
    abandoned.write("new");
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  OutputFile file(folder / "a", true);
  file.write("new");
  EXPECT_EQ(read_file(folder / "a"), "old");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "new");
  EXPECT_THAT(folder.names(), ElementsAre("a"));
}

TEST(OutputFile, CanBeReadBeforeItHasItsName) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  file.write("whole");
  EXPECT_EQ(read_file(file.temporary()), "whole");
  file.commit();
  EXPECT_THAT(folder.names(), ElementsAre("a"));
}

TEST(OutputFile, AKilledProcessLeavesNothing) {
  const TemporaryFolder folder;
  write_file(folder / "b", "old");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    OutputFile first(folder / "a", false);
    first.write("half");
    OutputFile second(folder / "b", true);
    second.write("half");
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_THAT(folder.names(), ElementsAre("b"));
  EXPECT_EQ(read_file(folder / "b"), "old");
}

TEST(OutputFile, DoesNotReplaceWhatCameMeanwhile) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  write_file(folder / "a", "theirs");
  EXPECT_EQ(code_of([&] { file.commit(); }), "O004");
  EXPECT_EQ(read_file(folder / "a"), "theirs");
}

TEST(OutputFile, WithATemporaryNameReplacesNothingEither) {
  const TemporaryFolder folder;
  {
    OutputFile file(folder / "a", false);
    file.write("mine");
    file.temporary();
    write_file(folder / "a", "another's");
    EXPECT_EQ(code_of([&] { file.commit(); }), "O004");
  }
  EXPECT_EQ(read_file(folder / "a"), "another's");
  EXPECT_THAT(folder.names(), ::testing::ElementsAre("a"));
}

TEST(OutputFile, ASinkFillsAFileOrABuffer) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  std::vector<std::byte> buffer;
  for (const ByteSink& sink : {sink_of(file), sink_of(buffer)}) {
    sink(std::as_bytes(std::span(std::string_view("one "))));
    sink(std::as_bytes(std::span(std::string_view("two"))));
  }
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "one two");
  EXPECT_EQ(buffer.size(), 7U);
}

TEST(OutputFile, DoesNotOverwriteUnasked) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  EXPECT_EQ(code_of([&] { OutputFile(folder / "a", false); }), "O004");
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  EXPECT_EQ(code_of([&] { OutputFile(folder / "dangling", false); }), "O004");
  EXPECT_EQ(read_file(folder / "a"), "old");
}

TEST(OutputFile, PermissionsFollowTheUmask) {
  const TemporaryFolder folder;
  for (const mode_t mask : {027U, 022U, 077U}) {
    const mode_t before = ::umask(mask);
    OutputFile file(folder / "a", true);
    file.commit();
    const mode_t after = ::umask(before);
    EXPECT_EQ(after, mask);
    struct stat status {};
    ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0666U & ~mask);
  }
}

TEST(OutputFile, SaysWhyItCannotBeCreated) {
  const TemporaryFolder folder;
  const std::string message = message_of([&] { OutputFile(folder / "no/such/file", false); });
  EXPECT_THAT(message, HasSubstr("error[O003]: cannot create the output"));
  EXPECT_THAT(message, HasSubstr("no/such/file"));
  EXPECT_THAT(message, HasSubstr("create the folder first"));
  EXPECT_THAT(message_of([&] { OutputFile(folder.path(), true); }),
              HasSubstr("give a file name, not a folder"));
}

TEST(OutputFile, DevicesAndPipesAreNotReplaced) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", folder / "link");
  for (const char* name : {"pipe", "link"}) {
    EXPECT_EQ(code_of([&] { OutputFile(folder / name, true); }), "O003") << name;
  }
  EXPECT_THAT(folder.names(), ElementsAre("link", "pipe"));
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

/// Runs where a file may have 4096 bytes: what a full disk looks like to write().
void write_too_much(const std::filesystem::path& path) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{4096, 4096};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string message = message_of([&] {
    OutputFile file(path, true);
    for (int k = 0; k < 10; ++k) file.write(std::string(1000, 'x'));
    file.commit();
  });
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(message.empty() ? 1 : 0);
}

TEST(OutputFile, AFullDiskLeavesNothingBehind) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  EXPECT_EXIT(write_too_much(folder / "a"), ::testing::ExitedWithCode(0),
              "error\\[O003\\]: cannot write the output: File too large");
  EXPECT_THAT(folder.names(), ElementsAre("a"));
  EXPECT_EQ(read_file(folder / "a"), "old");
}

TEST(OutputFile, AnInterruptRemovesAllUnfinishedFiles) {
  const TemporaryFolder folder;
  OutputFile finished(folder / "finished", false);
  finished.commit();
  OutputFile first(folder / "first", false);
  OutputFile second(folder / "second", false);
  first.temporary();
  second.temporary();
  EXPECT_EQ(folder.names().size(), 3U);
  remove_unfinished_outputs();
  EXPECT_THAT(folder.names(), ElementsAre("finished"));
}

TEST(OutputFile, ManyCanBeOpenAtOnce) {
  const TemporaryFolder folder;
  std::vector<std::unique_ptr<OutputFile>> files;
  for (int k = 0; k < 100; ++k) {
    files.push_back(std::make_unique<OutputFile>(folder / std::to_string(k), false));
  }
  for (const auto& file : files) file->commit();
  EXPECT_EQ(folder.names().size(), 100U);
}

}  // namespace
}  // namespace tv2onnx
