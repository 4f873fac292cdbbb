// tv2onnx predict --list, merge

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/run_tool.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::read_file;
using testing::run_tool;
using testing::TemporaryFolder;
using testing::ToolResult;
using testing::write_file;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/";

std::string model(const std::string& name) {
  return " '" + kGolden + "runtime/" + name + ".onnx' ";
}

/// Images of all kinds, and files that are none.
std::vector<std::string> images() {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(kGolden + "image")) {
    const std::string ending = entry.path().extension();
    if (ending == ".jpg" || ending == ".png" || ending == ".bmp") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  found.insert(found.begin(), "/no/such/file.jpg");
  return found;
}

std::string lines_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

class ListCommand : public ::testing::Test {
 protected:
  void SetUp() override { write_file(place_ / "files.txt", lines_of(images())); }

  std::string path(const std::string& name) const { return (place_ / name).string(); }
  ToolResult shard(const std::string& words, const std::string& folder = "rows") const {
    return run_tool("predict" + words + " --list " + path("files.txt") + " -o " + path(folder));
  }
  ToolResult merge(const std::string& words, const std::string& folder = "rows") const {
    return run_tool("merge " + path(folder) + " " + words);
  }
  /// All shards, the last one first.
  void run_shards(const std::string& words, std::size_t count, const std::string& folder) const {
    for (std::size_t k = count; k-- > 0;) {
      const std::string which = std::to_string(k) + "/" + std::to_string(count);
      const ToolResult run = shard(words + " --part-size 3 --shard " + which, folder);
      EXPECT_EQ(run.exit_code, 0) << run.err;
    }
  }
  std::size_t parts() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(place_ / "rows"), {})) - 2;
  }

  TemporaryFolder place_;
};

TEST_F(ListCommand, GivesTheBytesOfOneProcess) {
  for (const std::string& words : {model("batched"), model("keypoints"), model("masks_roi"),
                                   model("masks_full") + "--mask-format polygon --score 0.6"}) {
    std::string inputs;
    for (const std::string& image : images()) inputs += " '" + image + "'";
    const ToolResult one = run_tool("predict" + words + inputs + " -f --coco " + path("one.json"));
    EXPECT_EQ(one.exit_code, 3) << one.err;
    fs::remove_all(place_ / "rows");
    run_shards(words, 4, "rows");
    const ToolResult merged = merge("-f --coco " + path("all.json"));
    EXPECT_EQ(merged.exit_code, 3) << "as predict: some images cannot be read";
    EXPECT_THAT(merged.err,
                AllOf(HasSubstr("error[C001]: /no/such/file.jpg"), HasSubstr(" images failed")));
    EXPECT_GT(read_file(path("one.json")).size(), 1000U);
    EXPECT_EQ(read_file(path("all.json")), read_file(path("one.json"))) << words;
  }
}

TEST_F(ListCommand, RowsDoNotDependOnTheNumberOfShards) {
  run_shards(model("batched"), 1, "rows");
  run_shards(model("batched"), 5, "others");
  const std::string rows = merge("--jsonl -").out;
  EXPECT_EQ(merge("--jsonl -", "others").out, rows);
  EXPECT_THAT(rows, AllOf(HasSubstr("{\"line\":0,\"file\":\""), HasSubstr("\"detections\":[{"),
                          HasSubstr("\"error\":{\"code\":\"C001\""), EndsWith("}}\n")));
}

TEST_F(ListCommand, GoesOnWhereItStopped) {
  run_shards(model("batched"), 2, "rows");
  const std::string rows = merge("--jsonl -").out;
  const std::size_t all = parts();
  fs::remove(place_ / "rows" / "shard-00001-of-00002-part-000002.jsonl");
  write_file(place_ / "rows" / "shard-00001-of-00002-part-000000.jsonl", "half a l");
  write_file(place_ / "rows" / "shard-00001-of-00002-part-000001.jsonl.12345678.tmp", "left");
  EXPECT_THAT(merge("--jsonl -").err,
              AllOf(HasSubstr("error[J001]"), HasSubstr("shard 1/2: 1 of")));
  const ToolResult again = shard(model("batched") + "--part-size 3 --shard 1/2");
  EXPECT_THAT(again.out, HasSubstr(std::to_string(all / 2 - 2) + " were there already"));
  EXPECT_EQ(merge("--jsonl -").out, rows);
}

TEST_F(ListCommand, ClassifiersGiveRows) {
  const std::string words = model("classifier") + "--top 2 ";
  const ToolResult run = shard(words);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err.substr(0, 6), run_tool("predict" + words + images()[1]).err.substr(0, 6))
      << "what is assumed of the file is said here, too";
  EXPECT_THAT(merge("--jsonl -").out, HasSubstr("\"classes\":[{\"class\":\"class 0\","));
  const ToolResult coco = merge("--coco -");
  EXPECT_EQ(coco.exit_code, 3);
  EXPECT_THAT(coco.err, HasSubstr("error[J001]: a row that is not one of a detector"));
  write_file(place_ / "names.txt", "one\ntwo\n");
  EXPECT_THAT(shard(words + "--class-names " + path("names.txt"), "named").err,
              HasSubstr("error[U002]: the file has 2 class names"));
}

TEST_F(ListCommand, TwoRunsAreNotMixed) {
  const std::string words = model("batched") + "--part-size 3 ";
  EXPECT_EQ(shard(words + "--shard 0/2").exit_code, 0);
  const auto refused = [&](const std::string& other) {
    const ToolResult run = shard(other);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("error[J002]: the folder belongs to another run"));
    return run.err;
  };
  EXPECT_THAT(refused(words + "--shard 1/3"), HasSubstr("shards: 2 there, 3 here"));
  EXPECT_THAT(refused(words + "--shard 1/2 --score 0.25"), HasSubstr("score: 0.5 there, 0.25"));
  EXPECT_THAT(refused(words + "--shard 1/2 --ignore-exif"), HasSubstr("ignore_exif: no there"));
  EXPECT_THAT(refused(model("fixed") + "--part-size 3 --shard 1/2"), HasSubstr("model: "));
  write_file(place_ / "files.txt", lines_of(images()) + "one_more.jpg\n");
  EXPECT_THAT(refused(words + "--shard 1/2"), HasSubstr("list: "));
}

TEST_F(ListCommand, TheLauncherSaysWhichShard) {
  const std::string words = " --list " + path("files.txt") + " -o " + path("rows");
  const auto with = [&](const std::string& variables, const std::string& shard) {
    const std::string command = "env " + variables + " '" TV2ONNX_BINARY "' predict" +
                                model("batched") + words + " --shard " + shard;
    return std::system((command + " >" + path("out") + " 2>&1").c_str());
  };
  EXPECT_EQ(with("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_STEP=2 "
                 "SLURM_ARRAY_TASK_COUNT=2",
                 "auto"),
            0);
  EXPECT_THAT(read_file(path("out")), HasSubstr("shard 1 of 2"));
  EXPECT_EQ(with("JOB_COMPLETION_INDEX=0", "auto/2"), 0);
  EXPECT_EQ(merge("--jsonl -").exit_code, 3);
  EXPECT_NE(with("JOB_COMPLETION_INDEX=0", "auto"), 0);
  EXPECT_THAT(read_file(path("out")), HasSubstr("does not tell how many shards there are"));
}

TEST_F(ListCommand, OneShardTwiceAtOnceIsNoHarm) {
  const std::string command = "'" TV2ONNX_BINARY "' predict" + model("batched") + "--part-size 2 " +
                              "--list " + path("files.txt") + " -o " + path("rows") +
                              " --shard 0/1";
  EXPECT_EQ(std::system(
                ("(" + command + " & " + command + "; wait) >/dev/null 2>" + path("err")).c_str()),
            0);
  EXPECT_THAT(read_file(path("err")), ::testing::Not(HasSubstr("error[O")));
  EXPECT_EQ(merge("--jsonl -").exit_code, 3);
}

TEST_F(ListCommand, BadInputIsRefused) {
  const auto error = [](const ToolResult& run) {
    EXPECT_NE(run.exit_code, 0);
    return run.err;
  };
  const std::string list = " --list " + path("files.txt");
  EXPECT_THAT(error(run_tool("predict" + model("batched"))), HasSubstr("error[U001]"));
  EXPECT_THAT(error(run_tool("predict" + model("batched") + list)), HasSubstr("-o FOLDER"));
  EXPECT_THAT(error(run_tool("predict" + model("batched") + list + " --json -")),
              HasSubstr("error[U003]"));
  EXPECT_THAT(error(run_tool("predict" + model("batched") + " a.png" + list)),
              HasSubstr("error[U003]"));
  EXPECT_THAT(error(shard(model("batched") + "--shard 4/4")), HasSubstr("error[U002]"));
  EXPECT_THAT(error(shard(model("batched") + "--shard nonsense")), HasSubstr("error[U002]"));
  EXPECT_THAT(error(merge("--jsonl -")), HasSubstr("error[J001]: no folder of a run"));
  EXPECT_THAT(error(merge("")), HasSubstr("error[U001]"));
  write_file(place_ / "files.txt", "a.png\nb.png\na.png\n");
  EXPECT_THAT(error(shard(model("batched"))), HasSubstr("images 1 and 3 of the list are one file"));
}

TEST_F(ListCommand, AFolderThatCannotBeMadeIsAnError) {
  const ToolResult run =
      run_tool("predict" + model("batched") + "--list " + path("files.txt") + " -o /proc/rows");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("error[O003]"));
}

}  // namespace
}  // namespace tv2onnx
