// The rows of a run, in parts.

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/output_file.h"
#include "jobs/run_folder.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

std::string header_of(const RunFolder& run, std::size_t shard, std::size_t part,
                      std::string_view body) {
  return fmt::format(R"({{"run":"{}","shard":{},"shards":{},"part":{},"rows":{},"hash":"{}"}})"
                     "\n",
                     run.id, shard, run.shards, part, row_count(run, shard, part),
                     hash_digits(body));
}

/// {"line":7,"file":...} of line 7 and {"file":...}
std::string numbered(std::size_t line, std::string_view row) {
  return fmt::format("{{\"line\":{},{}\n", line, row.substr(1));
}

}  // namespace

std::size_t shard_size(const RunFolder& run, std::size_t shard) {
  return shard < run.images ? (run.images - shard - 1) / run.shards + 1 : 0;
}

std::size_t part_count(const RunFolder& run, std::size_t shard) {
  return (shard_size(run, shard) + run.part_size - 1) / run.part_size;
}

std::size_t row_count(const RunFolder& run, std::size_t shard, std::size_t part) {
  return std::min(run.part_size, shard_size(run, shard) - part * run.part_size);
}

std::size_t line_of(const RunFolder& run, std::size_t shard, std::size_t part, std::size_t row) {
  return shard + (part * run.part_size + row) * run.shards;
}

fs::path part_file(const RunFolder& run, std::size_t shard, std::size_t part) {
  return run.folder / fmt::format("shard-{:05}-of-{:05}-part-{:06}.jsonl", shard, run.shards, part);
}

Part read_part(const RunFolder& run, std::size_t shard, std::size_t part) {
  const fs::path path = part_file(run, shard, part);
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem) return {nullptr, {}, "is missing"};
  if (size == 0) return {nullptr, {}, "is damaged"};
  Part read{MappedFile::open(path), {}};
  const std::span<const std::byte> bytes = read.file->bytes();
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t end = std::min(all.find('\n'), all.size() - 1) + 1;
  std::string_view body = all.substr(end);
  if (all.substr(0, end) != header_of(run, shard, part, body)) return {nullptr, {}, "is damaged"};
  while (!body.empty()) {
    read.rows.push_back(body.substr(0, body.find('\n')));
    body.remove_prefix(std::min(body.size(), read.rows.back().size() + 1));
  }
  if (read.rows.size() != row_count(run, shard, part)) return {nullptr, {}, "is damaged"};
  return read;
}

void write_part(const RunFolder& run, std::size_t shard, std::size_t part,
                std::span<const std::string> rows) {
  std::string body;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    body += numbered(line_of(run, shard, part, k), rows[k]);
  }
  // Two processes that do the same shard write the same, so it does not matter who is last.
  OutputFile file(part_file(run, shard, part), true);
  file.write(header_of(run, shard, part, body));
  file.write(body);
  file.commit_to_disk();
}

ShardReport run_shard(const RunFolder& run, const ImageList& list, std::size_t shard,
                      const ShardWork& work) {
  ShardReport report{.images = shard_size(run, shard), .parts = part_count(run, shard)};
  for (std::size_t part = 0; part < report.parts; ++part) {
    if (read_part(run, shard, part).problem.empty()) {
      ++report.parts_before;
      if (work.skip) work.skip(row_count(run, shard, part));
      continue;
    }
    std::vector<fs::path> files;
    for (std::size_t k = 0; k < row_count(run, shard, part); ++k) {
      files.emplace_back(list.lines[line_of(run, shard, part, k)]);
    }
    write_part(run, shard, part, work.make(files, report.failed));
  }
  return report;
}

}  // namespace tv2onnx
