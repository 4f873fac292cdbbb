#include "serve/http.h"

#include <fmt/format.h>

#include "serve/http_state.h"
#include "tv2onnx/error.h"

namespace tv2onnx::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using std::chrono::milliseconds;

[[noreturn]] void refuse_address(const HttpOptions& options, const std::string& reason) {
  throw Error({.code = "U002",
               .found = fmt::format("cannot listen on port {} of {}: {}", options.port,
                                    options.host, reason),
               .expected = "an address of this machine and a port that nothing else listens on",
               .hint = "another number after --port or --metrics-port; 0 takes any that is free"});
}

tcp::acceptor listening(asio::io_context& context, const HttpOptions& options) {
  beast::error_code problem;
  const auto address = asio::ip::make_address(options.host, problem);
  if (problem) refuse_address(options, "this is no IP address");
  tcp::acceptor acceptor(context);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), problem);
  if (!problem) acceptor.set_option(asio::socket_base::reuse_address(true), problem);
  if (!problem) acceptor.bind(endpoint, problem);
  if (!problem) acceptor.listen(asio::socket_base::max_listen_connections, problem);
  if (problem) refuse_address(options, problem.message());
  return acceptor;
}

}  // namespace

HttpServer::State::State(const HttpOptions& given, Handler handles)
    : options(given),
      handler(std::move(handles)),
      context(1),
      acceptor(listening(context, given)),
      pool(given.threads) {}

HttpServer::HttpServer(const HttpOptions& options, Handler handler)
    : state_(std::make_unique<State>(options, std::move(handler))) {
  asio::co_spawn(state_->context, state_->accept(), asio::detached);
  state_->thread = std::thread([this] { state_->context.run(); });
}

HttpServer::~HttpServer() {
  drain(milliseconds(0));
}

std::uint16_t HttpServer::port() const {
  beast::error_code problem;
  return state_->acceptor.local_endpoint(problem).port();
}

const HttpCounts& HttpServer::counts() const {
  return state_->counts;
}

bool HttpServer::drain(milliseconds grace) {
  if (!state_->thread.joinable()) return true;
  asio::post(state_->context, [this] {
    state_->draining = true;
    beast::error_code ignored;
    state_->acceptor.close(ignored);
    for (State::Connection* connection : state_->open) {
      if (connection->reading) connection->stream.close();
    }
  });
  const auto end = std::chrono::steady_clock::now() + grace;
  while (state_->counts.connections > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  const bool all = state_->counts.connections == 0;
  state_->context.stop();
  state_->thread.join();
  state_->pool.join();
  return all;
}

}  // namespace tv2onnx::serve
