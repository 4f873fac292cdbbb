// Runs scripts/record_reference.py on a checkpoint. The child writes to a file without a name, so
// nothing stays behind, not even after an interrupt.

#include <fmt/format.h>

#include <charconv>

#include "base/own_place.h"
#include "base/platform.h"
#include "base/platform_files.h"
#include "base/text.h"
#include "checkpoint/fingerprint.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"
#include "tv2onnx/reference.h"
#include "verify/child_process.h"

namespace tv2onnx {
namespace {

constexpr int kNoTorch = 4;  // exit code of the script
constexpr const char* kRemedy =
    "apt install python3-torchvision, or name an interpreter that has torch, torchvision, numpy "
    "and "
    "Pillow in TV2ONNX_PYTHON; or record a reference elsewhere with scripts/record_reference.py";

std::filesystem::path recording_script() {
  std::filesystem::path place = script_place("record_reference.py");
  if (std::filesystem::exists(place)) return place;
  throw Error({.code = "V003",
               .found = "record_reference.py, which runs PyTorch, is not installed",
               .where = {.file = place.string()},
               .hint = "install tv2onnx again, or verify against a recorded reference"});
}

std::filesystem::path script_for(const RecordOptions& options) {
  return options.script.empty() ? recording_script() : options.script;
}

std::string interpreter(const RecordOptions& options) {
  if (!options.python.empty()) return options.python;
  const std::string named = platform::environment("TV2ONNX_PYTHON");
  return named.empty() ? platform::kPython : named;
}

[[noreturn]] void refuse_module(const std::filesystem::path& checkpoint) {
  throw Error({.code = "V005",
               .found = "the checkpoint is a whole module, and loading one in PyTorch runs code "
                        "from the file",
               .where = {.file = checkpoint.string()},
               .hint = "--trust, if you trust where it comes from; or verify against its state "
                       "dict or a recorded reference"});
}

/// torch takes weights in integers only into a model that it converted as theirs was.
[[noreturn]] void refuse_quantised(const std::filesystem::path& checkpoint) {
  throw Error({.code = "V004",
               .found = "the weights are quantised, and which settings they were converted with is "
                        "not in a state dict",
               .where = {.file = checkpoint.string()},
               .hint =
                   "record where your own code converts the model: record(model, "
                   "\"reference.safetensors\", transforms) of scripts/record_classifier.py; then "
                   "verify --against reference.safetensors, where one unit of the last layer is "
                   "a difference too"});
}

/// Of the settings of a file, what code around the model does to images: a whole module has the
/// others itself.
std::string preparation_in(const std::string& settings) {
  if (settings.empty()) return "";
  const Setting all = parse_json(settings);
  SettingDict part;
  for (const std::string_view name : {"no_resize", "normalized_with"}) {
    const Setting* value = all.find(name);
    const bool used = value != nullptr && !value->is_none() && *value != Setting{false};
    if (used) part.emplace_back(name, *value);
  }
  return part.empty() ? "" : to_json({std::move(part)});
}

std::vector<std::string> command(const std::string& python, const std::filesystem::path& checkpoint,
                                 bool whole_module, const RecordOptions& options) {
  // Absolute, so that no name is taken for an option.
  std::vector<std::string> words{python, script_for(options).string(),
                                 std::filesystem::absolute(checkpoint).string(), "--output=-",
                                 options.quick ? "--sizes=quick" : "--sizes=full"};
  const auto add = [&words](const char* option, const std::string& value) {
    if (!value.empty()) words.push_back(fmt::format("{}={}", option, value));
  };
  if (options.task != Task::kDetection) {
    add("--task", std::string(task_name(options.task)));
    add("--weights", options.weights);
    if (whole_module) words.emplace_back("--trust");
    add("--builder", options.builder);
    add("--settings", options.settings);
  } else if (whole_module) {
    words.emplace_back("--trust");
    add("--settings", preparation_in(options.settings));
  } else {
    add("--builder", options.builder);
    add("--settings", options.settings);
  }
  add("--prefix", options.prefix);
  if (options.size) {
    words.push_back(fmt::format("--size={}x{}", (*options.size)[0], (*options.size)[1]));
  }
  if (options.precise) words.emplace_back("--with-float64");
  for (const std::string& image : options.images) add("--image", image);
  for (const std::string& name : options.cases) add("--case", name);
  return words;
}

/// The lines of a log, for an error message; none if the caller has been given them.
std::vector<std::string> lines_of(std::string_view log, const RecordOptions& options) {
  std::vector<std::string> lines;
  if (options.log) return lines;
  while (!log.empty()) {
    const std::size_t end = log.find('\n');
    lines.push_back(printable(log.substr(0, end), 400));
    log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
  }
  constexpr std::size_t kShown = 15;
  if (lines.size() > kShown) lines.erase(lines.begin(), lines.end() - kShown);
  return lines;
}

void require_success(const ChildResult& result, const std::string& python,
                     const std::filesystem::path& checkpoint, const RecordOptions& options) {
  if (!result.started || result.exit_code == kNoTorch) {
    throw Error({.code = "V003",
                 .found = result.started
                              ? fmt::format("{} lacks a package that PyTorch's reference needs",
                                            printable(python))
                              : fmt::format("{} cannot be started", printable(python)),
                 .details = lines_of(result.log, options),
                 .hint = kRemedy});
  }
  if (result.exit_code != 0) {
    throw Error(
        {.code = "V004",
         .found = fmt::format("PyTorch cannot run the checkpoint (exit code {})", result.exit_code),
         .where = {.file = checkpoint.string()},
         .details = lines_of(result.log, options),
         .hint = fmt::format(
             "where your own code makes the model, record there: record(model, "
             "\"reference.safetensors\") of {}; then verify --against reference.safetensors",
             shell_quoted(script_for(options).string()))});
  }
}

/// What the script wrote, which has no name that says anything. \throws Error V004.
Reference read_answer(const platform::TemporaryFile& file, const std::filesystem::path& checkpoint,
                      const std::string& log, const RecordOptions& options) {
  try {
    return read_reference(file.name());
  } catch (const Error& error) {
    throw Error({.code = "V004",
                 .found = file.empty() ? "PyTorch ended without an error and without results"
                                       : "PyTorch's results cannot be read: " + error.parts().found,
                 .where = {.file = checkpoint.string()},
                 .details = lines_of(log, options),
                 .hint = fmt::format("see what {} says when it is run by hand: {} --help",
                                     shell_quoted(script_for(options).string()),
                                     shell_quoted(script_for(options).string()))});
  }
}

/// The case that a line such as "[3/13] noise: 4 detections" tells the end of.
void tell_progress(std::string_view line, const CallControl& control) {
  std::size_t done = 0;
  std::size_t count = 0;
  const char* end = line.data() + line.size();
  if (!control.progress || !line.starts_with('[')) return;
  const auto first = std::from_chars(line.data() + 1, end, done);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return;
  const auto second = std::from_chars(first.ptr + 1, end, count);
  if (second.ec != std::errc() || end - second.ptr < 2 || done == 0) return;
  const std::string_view rest(second.ptr + 2, end);
  control.progress({rest.substr(0, rest.find(':')), done - 1, count});
}

}  // namespace

Reference record_reference(const std::filesystem::path& checkpoint, const RecordOptions& options) {
  stop_if_cancelled(options.control);
  const Checkpoint opened = open_checkpoint(checkpoint, {.prefix = options.prefix});
  const bool whole_module = !opened.modules.empty();
  if (whole_module && !options.trust) refuse_module(checkpoint);
  if (!whole_module && options.builder.starts_with("quantized_")) refuse_quantised(checkpoint);
  const std::string python = interpreter(options);
  const platform::TemporaryFile file;
  if (file.descriptor() < 0) {
    throw Error({.code = "O003",
                 .found = "no temporary file can be made for PyTorch's results",
                 .hint = "free some space where the system keeps temporary files"});
  }
  const auto log = [&options](std::string_view line) {
    if (options.log) options.log(line);
    tell_progress(line, options.control);
  };
  const ChildResult result = run_child(command(python, checkpoint, whole_module, options),
                                       file.descriptor(), log, options.control.cancel);
  stop_if_cancelled(options.control);
  require_success(result, python, checkpoint, options);
  Reference reference = read_answer(file, checkpoint, result.log, options);
  reference.source = checkpoint.string();
  reference.kind = ReferenceKind::kCheckpoint;
  reference.fingerprint = fingerprint(opened);
  reference.settings_from_file = !whole_module && !options.settings.empty();
  return reference;
}

}  // namespace tv2onnx
