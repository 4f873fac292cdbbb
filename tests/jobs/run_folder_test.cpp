#include "jobs/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/merge.h"
#include "support/errors.h"
#include "support/files.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using testing::code_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t k = 0; k < count; ++k) text += "photos/" + std::to_string(k) + ".jpg\n";
  return text;
}

std::vector<std::string> rows_of(const std::vector<fs::path>& files) {
  std::vector<std::string> rows;
  for (const fs::path& file : files) rows.push_back("{\"file\":\"" + file.string() + "\"}");
  return rows;
}

/// A run over so many images.
class WorkedRun {
 public:
  WorkedRun(std::size_t images, std::size_t shards, std::size_t part_size) {
    write_file(place_ / "files.txt", lines(images));
    read_image_list(place_ / "files.txt", list_);
    folder_ = begin_run(place_ / "rows", {.shards = shards, .part_size = part_size}, list_);
  }

  std::size_t work(std::size_t shard) {
    std::size_t made = 0;
    run_shard(folder_, list_, shard,
              {.make = [&](const std::vector<fs::path>& files, std::size_t&) {
                made += files.size();
                return rows_of(files);
              }});
    return made;
  }
  std::string merged() const {
    std::string text;
    merge_rows(folder_, [&](std::string_view one) { text += one; });
    return text;
  }
  const RunFolder& folder() const { return folder_; }
  fs::path part(std::size_t shard, std::size_t number) const {
    return part_file(folder_, shard, number);
  }

 private:
  TemporaryFolder place_;
  ImageList list_;
  RunFolder folder_;
};

TEST(RunFolder, MergedRowsAreThoseOfTheListInItsOrder) {
  for (const std::size_t images : {1U, 2U, 7U, 24U, 25U}) {
    std::string expected;
    for (std::size_t k = 0; k < images; ++k) {
      expected += "{\"line\":" + std::to_string(k) + ",\"file\":\"photos/" + std::to_string(k) +
                  ".jpg\"}\n";
    }
    for (const std::size_t shards : {1U, 2U, 3U, 8U, 30U}) {
      for (const std::size_t part_size : {1U, 2U, 5U, 100U}) {
        WorkedRun run(images, shards, part_size);
        std::size_t made = 0;
        for (std::size_t shard = shards; shard-- > 0;) made += run.work(shard);
        EXPECT_EQ(made, images);
        EXPECT_EQ(run.merged(), expected) << images << " " << shards << " " << part_size;
      }
    }
  }
}

TEST(RunFolder, WhatIsDoneIsNotDoneAgain) {
  WorkedRun run(10, 2, 2);
  EXPECT_EQ(run.work(0), 5U);
  EXPECT_EQ(run.work(0), 0U);
  fs::remove(run.part(0, 1));
  EXPECT_EQ(run.work(0), 2U);
}

TEST(RunFolder, DamagedPartsDoNotCount) {
  WorkedRun run(10, 2, 2);
  run.work(0);
  run.work(1);
  const std::string whole = run.merged();
  const std::string part = read_file(run.part(1, 0));
  std::vector<std::string> damaged{
      "",           "{", "\n", part.substr(0, part.size() - 1), part.substr(0, part.find('\n')),
      part + "{}\n"};
  for (std::size_t k = 0; k < part.size(); k += 7) {
    damaged.push_back(part);
    damaged.back()[k] ^= 1;
  }
  damaged.push_back(read_file(run.part(1, 1)));
  damaged.push_back(read_file(run.part(0, 0)));
  for (const std::string& text : damaged) {
    write_file(run.part(1, 0), text);
    EXPECT_THAT(message_of([&] { run.merged(); }), HasSubstr("part-000000.jsonl is damaged"));
    EXPECT_EQ(run.work(1), 2U);
    EXPECT_EQ(run.merged(), whole);
  }
}

TEST(RunFolder, MissingPartsAreNamedByTheirShard) {
  WorkedRun run(10, 3, 2);
  run.work(0);
  const std::string message = message_of([&] { run.merged(); });
  EXPECT_THAT(message, HasSubstr("error[J001]"));
  EXPECT_THAT(message, HasSubstr("shard 1/3: 2 of 2 parts missing"));
  EXPECT_THAT(message, HasSubstr("shard 2/3: 2 of 2 parts missing"));
}

TEST(RunFolder, TwoRunsAreNeverMixed) {
  const TemporaryFolder place;
  ImageList list;
  ImageList longer;
  write_file(place / "files.txt", lines(4));
  write_file(place / "longer.txt", lines(5));
  read_image_list(place / "files.txt", list);
  read_image_list(place / "longer.txt", longer);
  const fs::path folder = place / "rows";
  const RunFacts facts{.shards = 2, .facts = {{"model", "a"}, {"score", "0.5"}}};
  const RunFolder first = begin_run(folder, facts, list);
  EXPECT_EQ(begin_run(folder, facts, list).id, first.id);
  const auto refused = [&](const RunFacts& other, const ImageList& others_list) {
    return message_of([&] { begin_run(folder, other, others_list); });
  };
  RunFacts other = facts;
  other.shards = 3;
  EXPECT_THAT(refused(other, list), HasSubstr("shards: 2 there, 3 here"));
  other = facts;
  other.facts[1].second = "0.25";
  EXPECT_THAT(refused(other, list), HasSubstr("score: 0.5 there, 0.25 here"));
  other = facts;
  other.facts.pop_back();
  EXPECT_THAT(refused(other, list), HasSubstr("score: 0.5 there, nothing here"));
  EXPECT_THAT(refused(facts, longer), HasSubstr("images: 4 there, 5 here"));
  EXPECT_EQ(code_of([&] { begin_run(folder, other, list); }), "J002");
}

TEST(RunFolder, APartOfAnotherRunDoesNotCount) {
  WorkedRun run(4, 1, 2);
  WorkedRun other(5, 1, 2);
  run.work(0);
  other.work(0);
  fs::copy_file(other.part(0, 1), run.part(0, 1), fs::copy_options::overwrite_existing);
  EXPECT_EQ(code_of([&] { run.merged(); }), "J001");
  EXPECT_EQ(run.work(0), 2U);
}

TEST(RunFolder, AChangedListIsNoticed) {
  WorkedRun run(4, 1, 2);
  write_file(run.folder().folder / "list.txt", lines(5));
  ImageList list;
  EXPECT_EQ(code_of([&] { open_run(run.folder().folder, list); }), "J001");
}

TEST(RunFolder, CountsThatNoRunHasAreRefused) {
  WorkedRun run(4, 2, 2);
  const fs::path file = run.folder().folder / "run.json";
  const std::string whole = read_file(file);
  for (const std::string_view count :
       {"0", "-1", "1000000001", "4611686018427387904", "18446744073709551617", "2.5", "\"2\""}) {
    for (const std::string_view key : {"\"shards\": ", "\"part_size\": "}) {
      std::string text = whole;
      text.replace(text.find(key) + key.size(), 1, count);
      write_file(file, text);
      ImageList list;
      EXPECT_NE(code_of([&] { open_run(run.folder().folder, list); }), "") << text;
    }
  }
}

/// What merging a run of one image whose row is this says.
std::string merged_row(const std::string& row) {
  const TemporaryFolder place;
  ImageList list;
  write_file(place / "files.txt", "1.jpg\n");
  read_image_list(place / "files.txt", list);
  const RunFolder run = begin_run(place / "rows", {}, list);
  write_part(run, 0, 0, std::vector<std::string>{row});
  return message_of([&] { merge_coco(run, list, "", [](std::string_view) {}); });
}

TEST(RunFolder, RowsThatNoDetectorWroteAreRefused) {
  const std::string good = R"({"box":[1,2,3,null],"label":1,"score":0.5})";
  const auto row = [](const std::string& detection) {
    return R"({"file":"1.jpg","detections":[)" + detection + "]}";
  };
  EXPECT_EQ(merged_row(row(good)), "");
  EXPECT_EQ(merged_row(R"({"file":"1.jpg","error":{"code":"I001","message":"none"}})"), "");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return row(text.replace(text.find(from), from.size(), to));
  };
  for (const std::string& bad :
       {changed("}", ""), changed("label\":1", "label\":1e300"), changed("\"label\":1,", ""),
        changed(",null", ""), changed("[1", "[\"1\""), changed("0.5}", "0.5,\"keypoints\":[[1]]}"),
        changed("0.5}", "0.5,\"area\":2,\"mask\":{\"size\":[2],\"counts\":\"1\"}}"),
        changed("0.5}", "0.5,\"area\":7.5,\"mask\":[]}"), row(std::string(100'000, '[')),
        row(good + R"(,{"box":[1,2,3,4],"label":1,"score":1,"area":1,"mask":[]})"),
        std::string(R"({"file":"1.jpg","error":5})"), std::string("{}")}) {
    EXPECT_THAT(merged_row(bad), HasSubstr("error[")) << bad.substr(0, 200);
  }
}

TEST(ImageList, IsReadLineByLine) {
  const TemporaryFolder place;
  ImageList list;
  write_file(place / "files.txt", "a.jpg\r\n\n b c.jpg\nlast");
  read_image_list(place / "files.txt", list);
  EXPECT_THAT(list.lines, ElementsAre("a.jpg", " b c.jpg", "last"));
  const auto code = [&](const std::string& text) {
    write_file(place / "files.txt", text);
    return code_of([&] { read_image_list(place / "files.txt", list); });
  };
  EXPECT_EQ(code(""), "I005");
  EXPECT_EQ(code("\n\r\n"), "I005");
  EXPECT_EQ(code("a\nb\na\n"), "U002");
  EXPECT_EQ(code_of([&] { read_image_list(place / "none.txt", list); }), "C001");
}

}  // namespace
}  // namespace tv2onnx
