#include "jobs/shard.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// The variables in which a launcher says which of its tasks this is. Tasks are numbered from
/// `first`, or from 0, in steps of `step`, or of 1; the launcher says their number or the last one,
/// or neither.
struct Launcher {
  std::string_view name;
  const char* index;
  const char* count = nullptr;
  const char* first = nullptr;
  const char* last = nullptr;
  const char* step = nullptr;
  bool needs_count = false;  ///< the index alone does not mean that there are several
};

// An MPI launcher inside a Slurm job is what started this process, and its ranks are other than the
// tasks by which Slurm started the launcher's own helpers: only a step of srun is looked at after
// it. SLURM_NTASKS is not looked at: the script of a job, which is one process, has it and
// SLURM_PROCID too.
constexpr std::array kLaunchers{
    Launcher{"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    Launcher{"MPI (PMI)", "PMI_RANK", "PMI_SIZE"},
    Launcher{.name = "Slurm step (srun)",
             .index = "SLURM_PROCID",
             .count = "SLURM_STEP_NUM_TASKS",
             .needs_count = true},
    Launcher{"Slurm array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN",
             nullptr, "SLURM_ARRAY_TASK_STEP"},
    Launcher{"Kubernetes indexed job", "JOB_COMPLETION_INDEX"},
    Launcher{"AWS Batch array", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"},
    Launcher{"Cloud Run job", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"},
    Launcher{"Google Batch", "BATCH_TASK_INDEX", "BATCH_TASK_COUNT"},
    Launcher{"Grid Engine array", "SGE_TASK_ID", nullptr, "SGE_TASK_FIRST", "SGE_TASK_LAST",
             "SGE_TASK_STEPSIZE"},
    Launcher{"PBS Pro array", "PBS_ARRAY_INDEX"},
    Launcher{"Torque array", "PBS_ARRAYID"},
};
constexpr std::size_t kInnermost = 3;  // of the first so many, one that splits hides the others

/// What a launcher says.
struct Told {
  const Launcher* launcher = nullptr;
  std::size_t index = 0;
  std::optional<std::size_t> count;
};

[[noreturn]] void refuse(std::string found, std::string expected, std::string hint = "") {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.item = "--shard"},
               .expected = std::move(expected),
               .hint = std::move(hint)});
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || problem != std::errc() || stop != end || number > kLargestCount) return {};
  return number;
}

/// \throws Error U002 for a variable that is there and has no number.
std::optional<std::size_t> variable(const Environment& environment, const char* name) {
  const char* value = name == nullptr ? nullptr : environment(name);
  if (value == nullptr || *value == '\0' || std::string_view(value) == "undefined") return {};
  const std::optional<std::size_t> number = number_of(value);
  if (!number) {
    refuse(fmt::format("{} is '{}'", name, printable(value, 40)),
           fmt::format("a whole number from 0 to {}", kLargestCount));
  }
  return number;
}

std::optional<Told> ask(const Launcher& launcher, const Environment& environment) {
  const std::optional<std::size_t> index = variable(environment, launcher.index);
  if (!index) return {};
  const std::size_t first = variable(environment, launcher.first).value_or(0);
  const std::size_t step = variable(environment, launcher.step).value_or(1);
  if (step == 0 || *index < first || (*index - first) % step != 0) {
    refuse(fmt::format("{} is {}, which is no step of {} from {} on", launcher.index, *index, step,
                       first),
           "tasks in equal steps", "give the shard itself: --shard I/N");
  }
  Told told{&launcher, (*index - first) / step, variable(environment, launcher.count)};
  if (launcher.needs_count && !told.count) return {};
  if (const auto last = variable(environment, launcher.last); last && *last >= first) {
    told.count = (*last - first) / step + 1;
  }
  return told;
}

/// All that split the work. A launcher of one task splits nothing, unless it is the only one.
std::vector<Told> tellers(const Environment& environment) {
  std::vector<Told> told;
  for (const Launcher& launcher : kLaunchers) {
    if (const auto one = ask(launcher, environment)) told.push_back(*one);
  }
  const auto splits = [](const Told& one) { return !one.count || *one.count > 1; };
  if (std::ranges::any_of(told, splits)) std::erase_if(told, std::not_fn(splits));
  const auto inner = std::ranges::find_if(
      told, [](const Told& one) { return one.launcher < kLaunchers.data() + kInnermost; });
  if (inner == told.end()) return told;
  const Launcher* innermost = inner->launcher;
  std::erase_if(told, [&](const Told& one) {
    return one.launcher != innermost && one.launcher < kLaunchers.data() + kInnermost;
  });
  return told;
}

std::string text_of(const Told& told) {
  return fmt::format("{} says {} of {} ({})", told.launcher->name, told.index,
                     told.count ? std::to_string(*told.count) : "?", told.launcher->index);
}

Shard from_environment(std::optional<std::size_t> count, const Environment& environment) {
  const std::vector<Told> told = tellers(environment);
  if (told.empty()) {
    throw Error({.code = "U002",
                 .found = "no launcher has said which shard this is",
                 .where = {.item = "--shard auto"},
                 .details = {"looked for", launcher_text()},
                 .hint = "give the shard itself: --shard 0/1 is the whole list"});
  }
  Shard shard{told.front().index, count.value_or(told.front().count.value_or(0))};
  for (const Told& one : told) {
    if (one.index == shard.index && (!one.count || *one.count == shard.count)) continue;
    throw Error({.code = "U003",
                 .found = "it is not clear which shard this is",
                 .where = {.item = "--shard auto"},
                 .details = {text_of(told.front()),
                             count ? fmt::format("--shard says /{}", *count) : text_of(one)},
                 .hint = "give the shard itself: --shard I/N"});
  }
  if (shard.count == 0) {
    refuse(fmt::format("{} does not tell how many shards there are", told.front().launcher->name),
           "their number", "--shard auto/N");
  }
  return shard;
}

}  // namespace

Shard find_shard(const std::string& text, const Environment& environment) {
  const std::size_t slash = text.find('/');
  const std::string_view left = std::string_view(text).substr(0, slash);
  std::optional<std::size_t> count;
  if (slash != std::string::npos) count = number_of(std::string_view(text).substr(slash + 1));
  const std::optional<std::size_t> index = number_of(left);
  const bool is_auto = left == "auto";
  if ((slash != std::string::npos) != count.has_value() || (!is_auto && !(index && count)) ||
      count == 0U) {
    refuse(fmt::format("'{}' is no shard", printable(text, 60)),
           "I/N, with I from 0 to N - 1, or auto, or auto/N");
  }
  const Shard shard = is_auto ? from_environment(count, environment) : Shard{*index, *count};
  if (shard.index < shard.count) return shard;
  refuse(fmt::format("shard {} of {}", shard.index, shard.count),
         fmt::format("0 to {}: shards are counted from 0", shard.count - 1));
}

std::string launcher_text() {
  std::string text;
  for (const Launcher& launcher : kLaunchers) {
    std::vector<std::string_view> names;
    for (const char* name :
         {launcher.index, launcher.count, launcher.first, launcher.last, launcher.step}) {
      if (name != nullptr) names.emplace_back(name);
    }
    text +=
        fmt::format("{}{}: {}", text.empty() ? "" : "\n", launcher.name, fmt::join(names, ", "));
  }
  return text;
}

}  // namespace tv2onnx
