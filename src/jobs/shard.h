#pragma once
// Which part of a list this process does: said by the user, or by what started it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace tv2onnx {

/// Of shards, and of images in a part: the product of two is a whole number still.
constexpr std::int64_t kLargestCount = 1'000'000'000;

/// Line k of the list belongs to shard k mod count.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

/// The value of an environment variable, or null.
using Environment = std::function<const char*(const char* name)>;

/// "I/N", "auto" or "auto/N": index and count, or the index alone, are then those that a launcher
/// (Slurm, an MPI launcher, Kubernetes, AWS, cloud batch, SGE, PBS) left in the environment.
/// \throws Error U002 (no such form, an index that is too large, no launcher, a launcher that does
/// not tell how many there are), U003 (two launchers, or launcher and N, that disagree).
Shard find_shard(const std::string& text, const Environment& environment);

/// The launchers and their variables, one on each line, for people.
std::string launcher_text();

}  // namespace tv2onnx
