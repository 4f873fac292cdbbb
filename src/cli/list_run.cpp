#include "cli/list_run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "base/hash.h"
#include "base/longest_shown.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "cli/class_names.h"
#include "cli/classify.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "jobs/run_folder.h"
#include "onnx/external_data.h"
#include "run/rows.h"
#include "tv2onnx/classify.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

/// A loaded model as a run sees it.
struct Rower {
  std::vector<std::pair<std::string, std::string>> settings;
  /// Rows of images; `begin` is told each image before its turn.
  std::function<std::vector<std::string>(const std::vector<fs::path>& files, std::size_t& failed,
                                         const std::function<void(const Step&)>& begin)>
      rows;
  std::string assumption = {};  ///< what the model does not say
};

std::string names_hash(const std::vector<std::string>& names) {
  Hash hash;
  for (const std::string& name : names) hash.add(name + "\n");
  return hash.digits();
}

Rower detector_rower(const DetectFlags& options) {
  const auto detector = std::make_shared<const Detector>(options.model, options.session);
  DetectOptions core = options.core;
  core.class_names = detector_class_names(options.class_names_file, detector->contract());
  const char* form = core.mask_format == MaskFormat::kRle ? "rle" : "polygon";
  return {{{"score", fmt::format("{}", core.score)},
           {"mask_threshold", fmt::format("{}", core.mask_threshold)},
           {"mask_format", form},
           {"class_names", names_hash(core.class_names)}},
          [detector, core](const std::vector<fs::path>& files, std::size_t& failed,
                           const std::function<void(const Step&)>& begin) {
            DetectOptions part = core;
            part.control.progress = begin;
            const DetectReport report = detect(*detector, files, part);
            failed += report.failed();
            std::vector<std::string> rows;
            for (const FoundImage& one : report.images) {
              rows.push_back(found_row(one, core.class_names));
            }
            return rows;
          }};
}

Rower classifier_rower(const DetectFlags& options) {
  const auto classifier = std::make_shared<const Classifier>(options.model, options.session);
  const ClassifyOptions core = classify_options(options, *classifier);
  return {{{"top", std::to_string(core.top)}, {"class_names", names_hash(core.class_names)}},
          [classifier, core](const std::vector<fs::path>& files, std::size_t& failed,
                             const std::function<void(const Step&)>& begin) {
            ClassifyOptions part = core;
            part.control.progress = begin;
            const ClassifyReport report = classify(*classifier, files, part);
            failed += report.failed();
            std::vector<std::string> rows;
            for (const ClassifiedImage& one : report.images) {
              rows.push_back(classified_row(one, core.class_names));
            }
            return rows;
          },
          classifier->assumption()};
}

/// Of the model and of the files beside it that have its weights.
std::string model_hash(const fs::path& model) {
  Hash hash;
  hash.add(MappedFile::open(model)->bytes());
  for (const fs::path& file : external_files(model)) hash.add(MappedFile::open(file)->bytes());
  return hash.digits();
}

RunFacts facts_of(const DetectFlags& options, const Rower& rower, const Shard& shard, Task task) {
  RunFacts facts{.shards = shard.count, .part_size = options.part_size};
  facts.facts = {{"tv2onnx", TV2ONNX_VERSION},
                 {"runtime", find_runtime(options.session.library).second},
                 {"model", model_hash(options.model)},
                 {"task", std::string(task_name(task))},
                 {"ignore_exif", options.core.image.ignore_exif ? "yes" : "no"}};
  facts.facts.insert(facts.facts.end(), rower.settings.begin(), rower.settings.end());
  return facts;
}

void print_summary(const ShardReport& report, const Shard& shard, const DetectFlags& options) {
  print_answer(
      "shard {} of {}: {}, {} in {}{}\n", shard.index, shard.count, counted(report.images, "image"),
      counted(report.parts, "part"), printable(options.folder, kLongestShown),
      report.parts_before == 0 ? "" : fmt::format(" ({} were there already)", report.parts_before));
  if (report.failed == 0) return;
  print_log("{} could not be read: their rows say why\n", counted(report.failed, "image"));
}

}  // namespace

int run_list(const DetectFlags& options, const Invocation& invocation) {
  if (options.folder.empty()) {
    throw Error({.code = "U001",
                 .found = "--list needs a folder for its rows",
                 .hint = "give one that all shards can reach: -o FOLDER"});
  }
  require_file_name(options.folder, "-o", "rows");
  const Task task = task_of_file(options.model);
  const Shard shard = find_shard(options.shard, [](const char* name) { return std::getenv(name); });
  ImageList list;
  read_image_list(options.list, list);
  const Rower rower =
      task == Task::kDetection ? detector_rower(options) : classifier_rower(options);
  if (!rower.assumption.empty() && !invocation.quiet) {
    print_log("note: {}\n", printable(rower.assumption, 1000));
  }
  const RunFolder run = begin_run(options.folder, facts_of(options, rower, shard, task), list);
  Progress progress(shard_size(run, shard.index), invocation.quiet);
  const auto begin = [&](const Step& step) { progress.begin(step.name); };
  const ShardReport report =
      run_shard(run, list, shard.index,
                {.make = [&](const std::vector<fs::path>& files,
                             std::size_t& failed) { return rower.rows(files, failed, begin); },
                 .skip = [&](std::size_t images) { progress.skip(images); }});
  progress.hide();
  print_summary(report, shard, options);
  return 0;
}

void add_list_options(Command& command, DetectFlags& options) {
  constexpr const char* kGroup = "Long lists";
  Argument* list =
      command
          .add_option("--list", options.list,
                      "instead of INPUT: a file with the path of an image on each line. Rows of "
                      "JSON go to the folder -o, in parts; run it again after an interrupt, and "
                      "it goes on. tv2onnx merge makes one file of them")
          ->type_name("FILES.txt")
          ->group(kGroup);
  command
      .add_option("--shard", options.shard,
                  "with --list: which of N shards this process does. auto: as Slurm, mpirun, a "
                  "Kubernetes indexed job, AWS or cloud batch, SGE or PBS say in the environment; "
                  "auto/N where they do not tell N")
      ->needs(list)
      ->type_name("I/N | auto")
      ->group(kGroup)
      ->capture_default_str();
  command.add_option("--part-size", options.part_size, "with --list: images in a part")
      ->needs(list)
      ->range(1, 1'000'000)
      ->type_name("N")
      ->group(kGroup)
      ->capture_default_str();
  options.limited.push_back({list, {Task::kDetection, Task::kClassification}});
  for (Argument& argument : command.arguments) {
    const std::string name = argument.name();
    if (name == "INPUT") command.one_of = {&argument, list};
    for (const char* other : {"INPUT", "--json", "--coco", "--force", "--recursive"}) {
      if (name == other) list->excludes(&argument);
    }
  }
}

}  // namespace tv2onnx::cli
