// tv2onnx triton MODEL.onnx -o REPOSITORY: a model repository for NVIDIA Triton.

#include "serve/triton.h"

#include <memory>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/session_options.h"

namespace tv2onnx::cli {
namespace {

struct TritonFlags {
  std::string model;
  std::string repository;
  serve::TritonOptions core;
  SessionOptions session;
};

int run_triton(const TritonFlags& flags) {
  const serve::NamedFile file = serve::named_files({flags.model}).front();
  for (const auto& path :
       serve::write_triton_repository(file, flags.repository, flags.session, flags.core)) {
    print_answer("{}\n", printable(path.string(), kLongestShown));
  }
  return 0;
}

}  // namespace

void add_triton(Command& program, Invocation& /*invocation*/) {
  Command* command = program.add_subcommand("triton", "write a model repository for NVIDIA Triton");
  auto flags = std::make_shared<TritonFlags>();
  command->add_option("MODEL", flags->model, "ONNX file, or NAME=FILE")->required();
  command->add_option("-o,--output", flags->repository, "folder of the repository")
      ->required()
      ->type_name("FOLDER");
  command->add_option("--max-batch", flags->core.max_batch, "images that Triton may run together")
      ->range(1, 1024)
      ->capture_default_str()
      ->type_name("N");
  command
      ->add_option("--batch-wait", flags->core.wait_us,
                   "how long Triton may let a request wait for others")
      ->range(0, 1'000'000)
      ->capture_default_str()
      ->type_name("MICROSECONDS");
  command->add_flag("-f,--force", flags->core.overwrite, "overwrite files");
  add_session_options(*command, flags->session);
  command->footer("tv2onnx triton pets.onnx -o repository");
  command->run = [flags] { return run_triton(*flags); };
}

}  // namespace tv2onnx::cli
