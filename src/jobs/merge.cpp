#include "jobs/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "coco/result_lines.h"
#include "jobs/row.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShown = 10;

[[noreturn]] void refuse(const RunFolder& run, std::vector<std::string> details) {
  throw Error({.code = "J001",
               .found = "the run is not complete",
               .where = {.file = run.folder.string()},
               .details = std::move(details),
               .hint = "run these shards again (--shard I/N, with the rest of the command as it "
                       "was): what is done is skipped"});
}

/// The parts with this number of all shards: together they have consecutive lines.
std::vector<Part> read_parts(const RunFolder& run, std::size_t number) {
  std::vector<Part> parts;
  for (std::size_t shard = 0; shard < run.shards; ++shard) {
    if (number >= part_count(run, shard)) break;  // later shards have no more than this one
    parts.push_back(read_part(run, shard, number));
    const std::string& problem = parts.back().problem;
    if (problem.empty()) continue;
    refuse(run, {fmt::format("{} {}", part_file(run, shard, number).filename().string(), problem)});
  }
  return parts;
}

/// Calls visit(line, row) in the order of the list.
template <typename Visit>
void visit_rows(const RunFolder& run, Visit visit) {
  require_complete(run);
  std::size_t line = 0;
  for (std::size_t number = 0; number < part_count(run, 0); ++number) {
    const std::vector<Part> parts = read_parts(run, number);
    const std::size_t begin = line;
    const std::size_t end = std::min(run.images, begin + run.part_size * run.shards);
    for (; line < end; ++line) {
      visit(line, parts[line % run.shards].rows[(line - begin) / run.shards]);
    }
  }
}

void note_error(MergeReport& report, const std::string& message) {
  ++report.failed;
  if (report.errors.size() < kShown) report.errors.push_back(message);
}

}  // namespace

void require_complete(const RunFolder& run) {
  std::vector<std::string> lines;
  std::size_t unfinished = 0;
  for (std::size_t shard = 0; shard < std::min(run.shards, run.images); ++shard) {
    std::size_t missing = 0;
    for (std::size_t part = 0; part < part_count(run, shard); ++part) {
      std::error_code ignored;
      if (!fs::exists(part_file(run, shard, part), ignored)) ++missing;
    }
    if (missing == 0) continue;
    if (++unfinished > kShown) continue;
    lines.push_back(fmt::format("shard {}/{}: {} of {} parts missing", shard, run.shards, missing,
                                part_count(run, shard)));
  }
  if (unfinished > kShown) lines.push_back(fmt::format("and {} more", unfinished - kShown));
  if (!lines.empty()) refuse(run, std::move(lines));
}

MergeReport merge_rows(const RunFolder& run, const TextSink& sink) {
  MergeReport report;
  visit_rows(run, [&](std::size_t, std::string_view row) {
    ++report.images;
    const std::string error = error_in_row(row, run.folder);
    if (!error.empty()) note_error(report, error);
    sink(row);
    sink("\n");
  });
  return report;
}

MergeReport merge_coco(const RunFolder& run, const ImageList& list, const std::string& annotations,
                       const TextSink& sink) {
  std::vector<fs::path> files(list.lines.begin(), list.lines.end());
  const std::vector<std::int64_t> ids = coco_image_ids(files, annotations);
  MergeReport report;
  bool first = true;
  visit_rows(run, [&](std::size_t line, std::string_view row) {
    ++report.images;
    const DetectionRow found = read_detection_row(row, run.folder);
    if (!found.error.empty()) note_error(report, found.error);
    for (const std::string& one : coco_lines({ids[line], found.detections, found.segmentations})) {
      sink(first ? "[\n  " : ",\n  ");
      sink(one);
      first = false;
    }
  });
  sink(first ? "[]\n" : "\n]\n");
  return report;
}

}  // namespace tv2onnx
