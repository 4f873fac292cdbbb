#include "tv2onnx/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stop_token>
#include <string>
#include <vector>

#include "support/errors.h"
#include "support/files.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using testing::read_file;
using testing::TemporaryFolder;

constexpr const char* kShapes = TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth";

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(Export, InMemoryGivesTheBytesOfTheFile) {
  const TemporaryFolder folder;
  const std::string file = read_file(kShapes);
  const Checkpoint checkpoint = open_checkpoint(bytes_of(file), "shapes.pth");
  const ExportedModel model = export_to_memory(checkpoint, {});
  const ExportReport report = export_onnx(open_checkpoint(kShapes), folder / "m.onnx", {});
  const std::string written = read_file(folder / "m.onnx");
  ASSERT_EQ(model.bytes.size(), written.size());
  EXPECT_TRUE(std::ranges::equal(model.bytes, bytes_of(written)));
  EXPECT_EQ(model.report.written.model_bytes, report.written.model_bytes);
  EXPECT_EQ(model.report.nodes, report.nodes);
}

TEST(Export, InMemoryIsInOnePiece) {
  const Checkpoint checkpoint = open_checkpoint(kShapes);
  EXPECT_EQ(code_of([&] { export_to_memory(checkpoint, {.write = {.external_data = true}}); }),
            "O003");
  EXPECT_EQ(code_of([&] { export_to_memory(checkpoint, {.write = {.max_bytes = 1000}}); }), "O003");
}

TEST(Export, NamesItsStepsAndCanBeCancelled) {
  const TemporaryFolder folder;
  const Checkpoint checkpoint = open_checkpoint(kShapes);
  std::vector<std::string> steps;
  std::stop_source source;
  ExportOptions options;
  options.control.cancel = source.get_token();
  options.control.progress = [&](const Step& step) {
    steps.emplace_back(step.name);
    if (step.index + 2 == step.count) source.request_stop();
  };
  EXPECT_EQ(code_of([&] { export_onnx(checkpoint, folder / "m.onnx", options); }), "X003");
  EXPECT_THAT(steps, ElementsAre("build", "fold"));
  EXPECT_TRUE(folder.names().empty());
}

/// Ends as by `kill -9` in the midst of the writing: when the file gets larger than allowed.
[[noreturn]] void export_until_killed(const std::filesystem::path& path) {
  std::signal(SIGXFSZ, [](int) { ::raise(SIGKILL); });
  const rlimit limit{1 << 20, 1 << 20};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  export_onnx(open_checkpoint(kShapes), path, {.write = {.overwrite = true}});
  std::_Exit(0);
}

TEST(Export, KilledWhileWritingLeavesNothing) {
  const TemporaryFolder folder;
  testing::write_file(folder / "old.onnx", "old");
  for (const char* name : {"new.onnx", "old.onnx"}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) export_until_killed(folder / name);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << name;
  }
  EXPECT_THAT(folder.names(), ElementsAre("old.onnx"));
  EXPECT_EQ(read_file(folder / "old.onnx"), "old");
}

}  // namespace
}  // namespace tv2onnx
