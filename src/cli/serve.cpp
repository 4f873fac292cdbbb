// tv2onnx serve MODEL.onnx...: the models over HTTP, and a page that shows them.

#include "serve/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/platform_program.h"
#include "cli/print.h"
#include "cli/session_options.h"

namespace tv2onnx::cli {
namespace {

struct ServeFlags {
  std::vector<std::string> models;
  serve::ServeOptions core;
  int port = 8000;
  int operator_port = 8002;
  int most = 4;
  double wait_ms = 2;
  int queue = 64;
  int body_mib = 32;
  double megapixels = 50;
  int connections = 2048;
  int grace = 30;
};

serve::ServeOptions core_of(const ServeFlags& flags) {
  serve::ServeOptions options = flags.core;
  options.http.port = static_cast<std::uint16_t>(flags.port);
  options.operator_port = static_cast<std::uint16_t>(flags.operator_port);
  options.http.waiting = static_cast<std::size_t>(flags.queue);
  options.http.body_bytes = static_cast<std::size_t>(flags.body_mib) << 20U;
  options.http.all_body_bytes = std::max(options.http.all_body_bytes, 2 * options.http.body_bytes);
  options.http.connections = static_cast<std::size_t>(flags.connections);
  options.batch.most = static_cast<std::size_t>(flags.most);
  options.batch.wait = std::chrono::microseconds(static_cast<std::int64_t>(flags.wait_ms * 1000));
  options.limits.max_pixels = static_cast<std::int64_t>(flags.megapixels * 1e6);
  return options;
}

/// How many models are there; says which are not.
std::size_t report_problems(const std::vector<serve::Entry>& entries,
                            const std::vector<serve::NamedFile>& files) {
  std::size_t loaded = 0;
  for (std::size_t k = 0; k < entries.size(); ++k) {
    if (entries[k].model) {
      ++loaded;
      continue;
    }
    const std::string file = files[k].file.string();
    print_log("error: {} is not served: {}\n  hint:     tv2onnx doctor {} says more\n",
              printable(file, kLongestShown), entries[k].problem,
              printable(shell_quoted(file), kLongestShown));
  }
  return loaded;
}

std::string address_of(const std::string& host, std::uint16_t port) {
  const bool version_6 = host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", version_6 ? "[" : "", host, version_6 ? "]" : "", port);
}

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1";
}

void print_addresses(const serve::Server& server, const std::vector<serve::NamedFile>& files,
                     const std::string& host, const Invocation& invocation) {
  const std::string clients = address_of(host, server.port());
  print_answer("{}/\n", clients);
  flush_answer();
  if (invocation.quiet) return;
  print_log("{}\n", is_loopback(host)
                        ? "for programs of this machine only; --host 0.0.0.0 opens it "
                          "to others"
                        : "open to other machines: there is no password");
  print_log("models: {}/v2/models/{}\n", clients, files.front().name);
  for (std::size_t k = 1; k < files.size(); ++k) {
    print_log("        {}/v2/models/{}\n", clients, files[k].name);
  }
  print_log("try:    curl --data-binary @photo.jpg {}/predict\n", clients);
  print_log("health and metrics: {}/metrics\n", address_of(host, server.operator_port()));
}

int run_serve(const ServeFlags& flags, const Invocation& invocation) {
  hold_interrupts();
  const std::vector<serve::NamedFile> files = serve::named_files(flags.models);
  const serve::ServeOptions options = core_of(flags);
  std::vector<serve::Entry> entries = serve::load_models(files, options);
  if (report_problems(entries, files) == 0) {
    print_log("no model could be loaded\n");
    return kSomeFailed;
  }
  serve::Server server(std::move(entries), options);
  print_addresses(server, files, options.http.host, invocation);
  wait_for_interrupt();
  if (!invocation.quiet) print_log("ending: requests that have come are answered\n");
  if (server.drain(std::chrono::seconds(flags.grace))) return 0;
  print_log("{} seconds are over; some requests were not answered\n", flags.grace);
  return 1;
}

void add_limits(Command& command, ServeFlags& flags) {
  const auto number = [&](const char* name, int& target, int most, const char* value,
                          const char* help) {
    command.add_option(name, target, help)->range(1, most)->capture_default_str()->type_name(value);
  };
  number("--max-batch", flags.most, 256, "N", "images of one size that may run together");
  command
      .add_option("--batch-wait", flags.wait_ms,
                  "how long an image may wait for others that are being decoded")
      ->range(0.0, 1000.0)
      ->capture_default_str()
      ->type_name("MS");
  number("--queue", flags.queue, 100'000, "N", "requests at once; more get 503 and Retry-After");
  number("--max-body", flags.body_mib, 1024, "MIB", "largest request");
  command.add_option("--max-pixels", flags.megapixels, "largest image, in millions of pixels")
      ->range(0.001, 178.0)
      ->capture_default_str()
      ->type_name("MILLIONS");
  number("--connections", flags.connections, 100'000, "N", "connections that may be open");
  number("--grace", flags.grace, 3600, "SECONDS", "after SIGTERM, for requests that have come");
}

}  // namespace

void add_serve(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("serve", "answer requests over HTTP, with a page");
  auto flags = std::make_shared<ServeFlags>();
  command->add_option("MODEL", flags->models, "ONNX files, or NAME=FILE")->required();
  command->add_option("--host", flags->core.http.host, "IP address to listen on")
      ->capture_default_str()
      ->type_name("ADDRESS");
  command->add_option("--port", flags->port, "of clients and the page; 0: any that is free")
      ->range(0, 65535)
      ->capture_default_str()
      ->type_name("N");
  command
      ->add_option("--metrics-port", flags->operator_port,
                   "of health and Prometheus metrics; 0: any that is free")
      ->range(0, 65535)
      ->capture_default_str()
      ->type_name("N");
  add_limits(*command, *flags);
  add_session_options(*command, flags->core.session);
  command->footer(
      "tv2onnx serve pets.onnx\n"
      "tv2onnx serve pets.onnx flowers=models/v3.onnx --host 0.0.0.0 --port 8000\n"
      "curl --data-binary @photo.jpg http://127.0.0.1:8000/predict");
  command->run = [flags, &invocation] { return run_serve(*flags, invocation); };
}

}  // namespace tv2onnx::cli
