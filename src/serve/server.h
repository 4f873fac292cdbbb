#pragma once
// Models on two ports: one for clients, one for health and metrics.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "serve/http.h"
#include "serve/routes.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::serve {

struct ServeOptions {
  SessionOptions session = {};
  BatchOptions batch = {};
  HttpOptions http = {.port = 8000};
  std::uint16_t operator_port = 8002;
  AnswerLimits limits = {.max_pixels = 50'000'000};
};

/// Loads each file; what cannot be loaded has its problem. \throws Error R001, R004: no runtime.
std::vector<Entry> load_models(const std::vector<NamedFile>& files, const ServeOptions& options);

class Server {
 public:
  /// Answers from now on. \throws Error U002: a port cannot be used.
  Server(std::vector<Entry> entries, const ServeOptions& options);

  std::uint16_t port() const { return clients_->port(); }
  std::uint16_t operator_port() const { return operators_->port(); }
  /// Is not ready any more, answers what has come, ends. Whether all was answered within `grace`.
  bool drain(std::chrono::milliseconds grace);

 private:
  std::unique_ptr<Site> site_;
  std::unique_ptr<HttpServer> clients_;
  std::unique_ptr<HttpServer> operators_;
};

}  // namespace tv2onnx::serve
