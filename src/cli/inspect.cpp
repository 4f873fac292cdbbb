// tv2onnx inspect FILE: what is in a checkpoint or an ONNX file.

#include "cli/inspect.h"

#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/model_options.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

/// Null for what is no ONNX file at all; a damaged one is an error of its own.
std::optional<OnnxSummary> as_onnx(const std::string& file) {
  try {
    return read_onnx_summary(file);
  } catch (const Error& error) {
    if (error.code() != "O001") throw;
    return std::nullopt;
  }
}

int run_inspect(const InspectOptions& options) {
  std::optional<Checkpoint> checkpoint;
  try {
    checkpoint = open_checkpoint(options.file, {.prefix = options.prefix});
  } catch (const Error& error) {
    if (error.code() != "C003") throw;
    const std::optional<OnnxSummary> summary = as_onnx(options.file);
    if (!summary) throw;
    show_onnx(*summary, options);
    return 0;
  }
  show_checkpoint(*checkpoint, options);
  return 0;
}

}  // namespace

void add_inspect(Command& program, Invocation& /*invocation*/) {
  Command* command = program.add_subcommand("inspect", "show what is in a checkpoint or ONNX file");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("FILE", options->file, "checkpoint or ONNX file")->required();
  add_prefix_option(*command, options->prefix);
  command->add_flag("--tensors", options->tensors, "list all tensors");
  command->add_flag("--json", options->json, "answer as JSON");
  command->footer("tv2onnx inspect pets.pth\ntv2onnx inspect pets.onnx --json");
  command->run = [options] { return run_inspect(*options); };
}

}  // namespace tv2onnx::cli
