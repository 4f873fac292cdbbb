// The folder of a run over a list. Bytes of 0 end run.json and the list; lines of the rest are
// rows, which then have the right hash.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "jobs/merge.h"
#include "jobs/row.h"

namespace {

namespace fs = std::filesystem;

/// In memory where the system has such a folder.
fs::path make_folder() {
  const fs::path memory = "/dev/shm";
  std::string path =
      ((fs::exists(memory) ? memory : fs::temp_directory_path()) / "jobs-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) std::abort();
  return path;
}

struct Folder {
  fs::path path = make_folder();
  ~Folder() { fs::remove_all(path); }
};

std::string_view next_piece(std::string_view& text, char end) {
  const std::string_view piece = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), piece.size() + 1));
  return piece;
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

void open_folder(const fs::path& folder) {
  tv2onnx::ImageList list;
  tv2onnx::open_run(folder, list);
}

/// A run whose parts have lines of the text as rows.
void merge(const fs::path& folder, std::string_view rows, const tv2onnx::RunFacts& facts) {
  tv2onnx::ImageList list;
  tv2onnx::read_image_list(folder / "list.txt", list);
  const tv2onnx::RunFolder run = tv2onnx::begin_run(folder, facts, list);
  for (std::size_t shard = 0; shard < run.shards; ++shard) {
    for (std::size_t part = 0; part < tv2onnx::part_count(run, shard); ++part) {
      std::vector<std::string> lines(tv2onnx::row_count(run, shard, part), "{}");
      for (std::string& line : lines) {
        if (const std::string_view piece = next_piece(rows, '\n'); !piece.empty()) line = piece;
      }
      tv2onnx::write_part(run, shard, part, lines);
    }
  }
  const auto sink = [](std::string_view) {};
  tv2onnx::may_refuse([&] { tv2onnx::merge_rows(run, sink); });
  tv2onnx::may_refuse([&] { tv2onnx::merge_coco(run, list, "", sink); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Folder folder;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  write(folder.path / "run.json", next_piece(text, '\0'));
  write(folder.path / "list.txt", next_piece(text, '\0'));
  tv2onnx::may_refuse([&] { open_folder(folder.path); });
  fs::remove(folder.path / "run.json");
  tv2onnx::may_refuse([&] { merge(folder.path, text, {.shards = 1 + size % 3, .part_size = 2}); });
  tv2onnx::may_refuse([&] { tv2onnx::read_detection_row(text, folder.path); });
  return 0;
}
