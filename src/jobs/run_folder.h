#pragma once
// The folder of a run: what it depends on (run.json), its list (list.txt), and its rows in parts.
// Every file appears whole. A part's first line says of which run, shard and part it is and has a
// hash of the rows, so that parts of another run or damaged ones never count.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "jobs/image_list.h"
#include "jobs/shard.h"

namespace tv2onnx {

/// What rows depend on. Runs that differ in one of these are different runs.
struct RunFacts {
  std::size_t shards = 1;
  std::size_t part_size = 500;  ///< images in a part
  /// The rest by name: hash of the model, settings, releases.
  std::vector<std::pair<std::string, std::string>> facts = {};
};

struct RunFolder {
  std::filesystem::path folder;
  std::string id;  ///< hash of run.json
  std::size_t images = 0;
  std::size_t shards = 1;
  std::size_t part_size = 1;
};

/// Makes the folder, or finds that of the same run. \throws Error J002 (of another run), O003.
RunFolder begin_run(const std::filesystem::path& folder, const RunFacts& facts,
                    const ImageList& list);
/// Opens what begin_run made, with the list. \throws Error C001, J001 (damaged).
RunFolder open_run(const std::filesystem::path& folder, ImageList& list);

/// How many lines a shard has, and how many parts.
std::size_t shard_size(const RunFolder& run, std::size_t shard);
std::size_t part_count(const RunFolder& run, std::size_t shard);
/// The line of the j-th row of a part, counted from 0.
std::size_t line_of(const RunFolder& run, std::size_t shard, std::size_t part, std::size_t row);
/// How many rows it has.
std::size_t row_count(const RunFolder& run, std::size_t shard, std::size_t part);

std::filesystem::path part_file(const RunFolder& run, std::size_t shard, std::size_t part);
/// The rows of a part, which lie in its file.
struct Part {
  std::shared_ptr<const MappedFile> file;
  std::vector<std::string_view> rows;
  std::string problem = {};  ///< why it does not count: "is missing", "is damaged", ...
};
Part read_part(const RunFolder& run, std::size_t shard, std::size_t part);
/// \throws Error O003.
void write_part(const RunFolder& run, std::size_t shard, std::size_t part,
                std::span<const std::string> rows);

/// What was done of a shard.
struct ShardReport {
  std::size_t images = 0;
  std::size_t parts = 0;
  std::size_t parts_before = 0;  ///< that were there already
  std::size_t failed = 0;        ///< rows with an error, of the parts that were made now
};

struct ShardWork {
  /// Makes the rows of consecutive images of the shard, one for each, without line numbers: JSON
  /// objects. Adds to `failed` those that are errors.
  std::function<std::vector<std::string>(const std::vector<std::filesystem::path>& files,
                                         std::size_t& failed)>
      make;
  /// Told of so many images whose part is there already. May be empty.
  std::function<void(std::size_t images)> skip = {};
};
/// Makes those parts of the shard that are not there.
ShardReport run_shard(const RunFolder& run, const ImageList& list, std::size_t shard,
                      const ShardWork& work);

}  // namespace tv2onnx
