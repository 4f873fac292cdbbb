#include "verify/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;

class Child : public ::testing::Test {
 protected:
  ChildResult shell(const std::string& script) {
    return run_child({"/bin/sh", "-c", script}, ::fileno(output_.get()),
                     [this](std::string_view line) { lines_.emplace_back(line); });
  }
  std::string output() {
    std::string text(100, '\0');
    std::rewind(output_.get());
    text.resize(std::fread(text.data(), 1, text.size(), output_.get()));
    return text;
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> output_{std::tmpfile(), std::fclose};
  std::vector<std::string> lines_;
};

TEST_F(Child, OutputGoesToTheFileAndErrorsToTheLog) {
  const ChildResult result = shell("echo answer; echo one >&2; echo two >&2; exit 3");
  EXPECT_TRUE(result.started);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(output(), "answer\n");
  EXPECT_EQ(result.log, "one\ntwo\n");
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

TEST_F(Child, ArgumentsAreNotInterpreted) {
  const ChildResult result =
      run_child({"/bin/echo", "$HOME `id` ; *"}, ::fileno(output_.get()), nullptr);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(output(), "$HOME `id` ; *\n");
}

TEST_F(Child, ProgramThatDoesNotExist) {
  EXPECT_FALSE(run_child({"/no/such/program"}, ::fileno(output_.get()), nullptr).started);
}

TEST_F(Child, SignalIsAnExitCode) {
  const ChildResult result = shell("kill -9 $$");
  EXPECT_TRUE(result.started);
  EXPECT_EQ(result.exit_code, 128 + 9);
}

TEST_F(Child, LogsOfAnyLengthTakeLittleMemoryAndLinearTime) {
  std::size_t longest = 0;
  std::size_t all = 0;
  std::size_t count = 0;
  const auto note = [&](std::string_view line) {
    longest = std::max(longest, line.size());
    all += line.size();
    ++count;
  };
  const auto run = [&](const char* script) {
    return run_child({"/bin/sh", "-c", script}, ::fileno(output_.get()), note);
  };
  const auto begin = std::chrono::steady_clock::now();
  // One line of 100 MB without an end, then two million lines.
  const ChildResult endless = run("head -c 100000000 /dev/zero | tr '\\0' x >&2; echo >&2");
  EXPECT_EQ(all, 100'000'000U);
  EXPECT_LT(longest, 65536U);
  EXPECT_EQ(endless.log.size(), 16384U);
  count = 0;
  EXPECT_EQ(run("yes '' | head -n 2000000 >&2").log, std::string(16384, '\n'));
  EXPECT_EQ(count, 2'000'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST_F(Child, IsKilledWhenTheCallIsCancelled) {
  std::stop_source source;
  const auto begin = std::chrono::steady_clock::now();
  const ChildResult result = run_child(
      {"/bin/sh", "-c", "echo $$ >&2; exec sleep 60"}, ::fileno(output_.get()),
      [&](std::string_view line) {
        lines_.emplace_back(line);
        source.request_stop();
      },
      source.get_token());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(::kill(std::stoi(lines_[0]), 0), -1) << "the child is gone";
}

TEST_F(Child, OnlyTheEndOfALongLogIsKept) {
  const ChildResult result = shell("head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_LE(result.log.size(), 16384U);
  EXPECT_TRUE(result.log.ends_with("xend\n"));
}

}  // namespace
}  // namespace tv2onnx
