#include "serve/server.h"

#include <new>
#include <utility>

namespace tv2onnx::serve {
namespace {

/// Without a runtime no file can be loaded, so that ends everything.
bool concerns_all(const Error& error) {
  return error.code() == "R001" || error.code() == "R004";
}

Entry load(const NamedFile& named, const ServeOptions& options) {
  Entry entry{named.name, nullptr};
  try {
    entry.model = std::make_unique<ServedModel>(
        named.name, load_runner(named.file, options.session), options.batch);
  } catch (const Error& error) {
    if (concerns_all(error)) throw;
    entry.problem = reason_of(error);
  } catch (const std::bad_alloc&) {
    entry.problem = "[X002] out of memory";
  }
  return entry;
}

}  // namespace

std::vector<Entry> load_models(const std::vector<NamedFile>& files, const ServeOptions& options) {
  std::vector<Entry> entries;
  for (const NamedFile& file : files) entries.push_back(load(file, options));
  return entries;
}

Server::Server(std::vector<Entry> entries, const ServeOptions& options)
    : site_(std::make_unique<Site>()) {
  site_->entries = std::move(entries);
  site_->limits = options.limits;
  HttpOptions operators = options.http;
  operators.port = options.operator_port;
  operators.body_bytes = 0;
  operators.threads = 1;
  operators.connections = 256;
  clients_ = std::make_unique<HttpServer>(options.http, client_routes(*site_));
  operators_ = std::make_unique<HttpServer>(operators, operator_routes(*site_, clients_->counts()));
}

bool Server::drain(std::chrono::milliseconds grace) {
  site_->ready = false;
  const bool all = clients_->drain(grace);
  operators_->drain(std::chrono::milliseconds(200));
  return all;
}

}  // namespace tv2onnx::serve
