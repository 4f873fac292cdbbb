// tv2onnx page MODEL.onnx -o FOLDER: a page that runs the model in the browser.

#include <fmt/format.h>

#include <memory>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/session_options.h"
#include "serve/static_page.h"

namespace tv2onnx::cli {
namespace {

struct PageFlags {
  std::string model;
  std::string folder;
  std::string web;
  serve::PageOptions core;
  SessionOptions session;
};

int run_page(const PageFlags& flags, const Invocation& invocation) {
  const serve::NamedFile file = serve::named_files({flags.model}).front();
  serve::PageOptions options = flags.core;
  options.web = flags.web;
  for (const auto& path : serve::write_page(file, flags.folder, flags.session, options)) {
    print_answer("{}\n", printable(path.string(), kLongestShown));
  }
  if (!invocation.quiet) {
    print_log("any web server shows it: python3 -m http.server --bind 127.0.0.1 --directory {}\n",
              printable(shell_quoted(flags.folder), kLongestShown));
  }
  return 0;
}

}  // namespace

void add_page(Command& program, Invocation& invocation) {
  Command* command =
      program.add_subcommand("page", "write a page that runs the model in the browser");
  auto flags = std::make_shared<PageFlags>();
  command->add_option("MODEL", flags->model, "ONNX file, or NAME=FILE")->required();
  command->add_option("-o,--output", flags->folder, "folder of the page")
      ->required()
      ->type_name("FOLDER");
  command
      ->add_option("--web", flags->web,
                   "files of the npm package onnxruntime-web; default: what scripts/setup fetched")
      ->type_name("FOLDER");
  command->add_flag("-f,--force", flags->core.overwrite, "overwrite files");
  add_session_options(*command, flags->session);
  command->footer("tv2onnx page pets.onnx -o page");
  command->run = [flags, &invocation] { return run_page(*flags, invocation); };
}

}  // namespace tv2onnx::cli
